"""The virtual patient of the virtual bedside: believable vital signs for an infusion, the same for one seed."""

from interlude.domain.physiology.bedside import BedsideMonitor, vitals_of_infusion
from interlude.domain.physiology.expected import Expected, load_expected
from interlude.domain.physiology.patient import Nibp, VirtualPatient, Vitals
from interlude.domain.physiology.profile import Profile, draw_profile
from interlude.domain.physiology.scenario import EVENT_KINDS, Event, Scenario, draw_scenario

__all__ = [
    "EVENT_KINDS",
    "BedsideMonitor",
    "Event",
    "Expected",
    "Nibp",
    "Profile",
    "Scenario",
    "VirtualPatient",
    "Vitals",
    "draw_profile",
    "draw_scenario",
    "load_expected",
    "vitals_of_infusion",
]
