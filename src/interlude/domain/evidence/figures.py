"""All figures of one indication, for a page: every outcome against every comparison, and the published ones."""

from __future__ import annotations

from interlude.domain.evidence.choice import questions, rows_of
from interlude.domain.evidence.library import Evidence, load_evidence
from interlude.domain.evidence.measures import MEASURES
from interlude.domain.evidence.pools import Pooled, Published, pool
from interlude.domain.evidence.rows import ABSOLUTE, Usable, comparator_of, published_effect, usable
from interlude.domain.evidence.schema import EffectRow, EventsRow
from interlude.domain.refusals import Refused


def figures(indication: str, evidence: Evidence | None = None) -> tuple[Pooled, ...]:
    """One figure for each outcome and comparison, in the order of the vocabulary; then the shares of the ketamine arm.

    Comparisons are never mixed here. Definitions are, where they differ, and the figure's labels say so.
    """
    evidence = evidence or load_evidence()
    found: list[Pooled] = []
    for outcome in questions(indication, evidence):
        compared = _comparators(indication, outcome, evidence)
        found += [pool(indication, outcome, comparator=one, definition="any", evidence=evidence) for one in compared]
        try:
            shares = pool(indication, outcome, measure="proportion", definition="any", evidence=evidence)
        except Refused:
            continue
        if shares.synthesis is not None or not compared:
            found.append(shares)
    return tuple(found)


def _comparators(indication: str, outcome: str, evidence: Evidence) -> list[str]:
    """What the rows of an outcome compare with, under any measure, in the order of the vocabulary."""
    rows = rows_of(evidence, indication, outcome)
    under = [
        usable(s, r, code) for s, r in rows if s.design != "meta_analysis" for code in MEASURES if code not in ABSOLUTE
    ]
    named = {one.comparator for one in under if isinstance(one, Usable) and one.comparator}
    return [code for code in evidence.vocabulary.comparators if code in named]


def published(indication: str, evidence: Evidence | None = None) -> tuple[Published, ...]:
    """Pooled figures as others published them; shares as parts of 1, differences turned as in `Pooled`."""
    evidence = evidence or load_evidence()
    rows: list[Published] = []
    for study in evidence.of(indication):
        for row in study.rows if study.design == "meta_analysis" else ():
            if isinstance(row, EffectRow) and comparator_of(study, row):
                rows.append(Published(study, row, *published_effect(row)))
            elif isinstance(row, EventsRow) and row.treated.percent is not None:
                rows.append(Published(study, row, float(row.treated.percent) / 100, None, None))
    return tuple(rows)
