"""The case format of `interlude simulate`: one JSON object in, one out; anything unclear is refused by field.

The format is described in docs/reference/case-format.md.
"""

from interlude.domain.pharmacology.case.answer import Case, answer, read_case, simulate_case
from interlude.domain.pharmacology.case.doses import OUTPUTS
from interlude.domain.pharmacology.case.labels import labels_of
from interlude.domain.pharmacology.case.people import CaseModel
from interlude.domain.pharmacology.case.text import dumps, loads

__all__ = ["OUTPUTS", "Case", "CaseModel", "answer", "dumps", "labels_of", "loads", "read_case", "simulate_case"]
