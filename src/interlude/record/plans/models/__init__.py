from interlude.record.plans.models.comfort import Comfort, Seat, Sound
from interlude.record.plans.models.consent import Channel, Consent, ConsentText, ConsentWithdrawal
from interlude.record.plans.models.course import Course, CourseElement, CourseState, CourseStep
from interlude.record.plans.models.deviation import DeviationKind, PlanDeviation
from interlude.record.plans.models.dose_check import DoseCheck
from interlude.record.plans.models.driver import Driver
from interlude.record.plans.models.taper import TaperMark, TaperMarkKind, TaperStep

__all__ = [
    "Channel",
    "Comfort",
    "Consent",
    "ConsentText",
    "ConsentWithdrawal",
    "Course",
    "CourseElement",
    "CourseState",
    "CourseStep",
    "DeviationKind",
    "DoseCheck",
    "Driver",
    "PlanDeviation",
    "Seat",
    "Sound",
    "TaperMark",
    "TaperMarkKind",
    "TaperStep",
]
