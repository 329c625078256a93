"""Every user-visible English text of the evidence files, for the message catalogue of the doors."""

from __future__ import annotations

from collections.abc import Iterator

from interlude.domain.evidence.library import Evidence, load_evidence
from interlude.domain.evidence.schema import FindingRow


def translatable_texts(evidence: Evidence | None = None) -> Iterator[str]:
    """Each text once. Citations, names of arms, populations and notes on numbers stay in English."""
    evidence = evidence or load_evidence()
    seen: set[str] = set()
    for text in _texts(evidence):
        if text and text not in seen:
            seen.add(text)
            yield text


def _texts(evidence: Evidence) -> Iterator[str]:
    words = evidence.vocabulary
    for terms in (words.outcomes, words.definitions, words.comparators, words.designs, words.risks, words.readings):
        for term in terms.values():
            yield from (term.label, term.plain)
    for study in evidence.studies.values():
        for row in study.rows:
            if isinstance(row, FindingRow):
                yield from (row.text, row.plain)
    for curve in evidence.curves.values():
        yield from (curve.label, curve.start)
    for claim in evidence.claims:
        yield from (claim.claim, claim.why)
    for part in evidence.mechanism:
        yield from (part.title, part.plain, part.unknown)
    for summary in evidence.summaries.values():
        yield from (summary.about, *summary.unknown, summary.bottom_line)
