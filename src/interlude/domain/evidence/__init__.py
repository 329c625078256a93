"""What is known: studies as data, pooled anew on every question, with pictures, sentences and their limits."""

from interlude.domain.evidence.choice import questions
from interlude.domain.evidence.curves import Curve, Step, Weibull, steps, weibull_through
from interlude.domain.evidence.exported import as_data, study_data
from interlude.domain.evidence.figures import figures, published
from interlude.domain.evidence.forest import Forest, ForestRow, forest
from interlude.domain.evidence.library import (
    Evidence,
    EvidenceFileError,
    check_study,
    load_evidence,
    parse_study,
)
from interlude.domain.evidence.links import UsedBy, behind, used_by
from interlude.domain.evidence.measures import MEASURES, Effect, Measure
from interlude.domain.evidence.plain import PlainSummary, plain_summary, plain_text
from interlude.domain.evidence.pooling import Interval, Synthesis, synthesise
from interlude.domain.evidence.pools import Pooled, pool
from interlude.domain.evidence.schema import Study
from interlude.domain.evidence.sentences import labels, row_text, staff_text
from interlude.domain.evidence.statements import Claim, MechanismPart
from interlude.domain.evidence.texts import translatable_texts

__all__ = [
    "MEASURES", "Claim", "Curve", "Effect", "Evidence", "EvidenceFileError", "Forest", "ForestRow", "Interval",
    "Measure", "MechanismPart", "PlainSummary", "Pooled", "Step", "Study", "Synthesis", "UsedBy", "Weibull",
    "as_data", "behind", "check_study", "figures", "forest", "labels", "load_evidence", "parse_study",
    "plain_summary", "plain_text", "pool", "published", "questions", "row_text", "staff_text", "steps", "study_data",
    "synthesise", "translatable_texts", "used_by", "weibull_through",
]  # fmt: skip
