"""One study as a page: everything of its file, what was printed and what is used, and what rests on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interlude.domain.evidence import Study, UsedBy, used_by
from interlude.domain.evidence.checks import counted
from interlude.domain.evidence.schema import Arm, EventsRow, Row, Share
from interlude.domain.protocol import Library, load_library, numbers
from interlude.interfaces.design import formats
from interlude.interfaces.design.sentences import figure_text
from interlude.interfaces.staff.evidence.asking import Answers
from interlude.interfaces.staff.evidence.words import (
    indication_ref,
    label,
    mark,
    result_text,
    risk_labels,
    study_ref,
    when,
)
from interlude.record.accounts.models import StaffMember
from interlude.record.protocols import queries
from interlude.record.protocols.models import ProtocolVersion

# As in the role file: who may open the page of a protocol.
READ_PROTOCOLS = frozenset({"physician", "nurse", "therapist", "pharmacy", "administrator"})
ROUTES = {
    "iv": gettext_lazy("vein"),
    "im": gettext_lazy("muscle"),
    "sc": gettext_lazy("under the skin"),
    "nasal": gettext_lazy("nose"),
    "sublingual": gettext_lazy("under the tongue"),
    "oral": gettext_lazy("mouth"),
    "several": gettext_lazy("several routes"),
}
KINDS = {
    "protocol": gettext_lazy("Protocol"),
    "indication": gettext_lazy("Condition"),
    "rule": gettext_lazy("Eligibility rule"),
    "interaction": gettext_lazy("Interaction"),
    "therapy": gettext_lazy("Therapy beside it"),
}


def study_view(study: Study, store: Answers, reader: StaffMember) -> dict[str, Any]:
    """All that the page of a study shows."""
    words = store.evidence.vocabulary
    return study_ref(study) | {
        "study": study,
        "design": _(words.designs[study.design].label),
        "reading": _(words.readings[study.source].label),
        "mark": mark(study.certainty),
        "indications": [indication_ref(code) for code in study.indications],
        "risks": risk_labels(study, store.evidence),
        "arms": [_arm(arm, store) for arm in study.arms],
        "results": [_result(study, row, store) for row in study.rows],
        "corrected": any(row.correction for row in study.rows),
        "users": used_rows(study, reader),
        "claims": [_(claim.claim) for claim in store.evidence.claims if study.id in claim.studies],
        "parts": [_(part.title) for part in store.evidence.mechanism if study.id in part.studies],
        "has_curve": any(curve.study == study.id for curve in store.evidence.curves.values()),
    }


def _arm(arm: Arm, store: Answers) -> dict[str, Any]:
    dose = f"{formats.clinic_number(arm.dose)} {arm.dose_unit}" if arm.dose is not None else ""
    return {
        "name": arm.name,
        "kind": label(arm.comparator, store.evidence) if arm.comparator else _("Ketamine group"),
        "drug": {"racemate": _("ketamine"), "esketamine": _("esketamine")}.get(arm.drug or "", ""),
        "n": arm.n,
        "dose": dose,
        "doses": arm.doses,
        "route": ROUTES.get(arm.route or "", ""),
        "regimen": arm.regimen,
    }


def _result(study: Study, row: Row, store: Answers) -> dict[str, Any]:
    words = store.evidence.vocabulary
    definition = words.definitions.get(row.definition)
    instrument = words.instruments.get(row.instrument)
    fix = row.correction
    return {
        "code": row.code,
        "outcome": _(words.outcomes[row.outcome].label),
        "text": result_text(study, row, store.evidence),
        "shares": _shares(row),
        "when": when(row.at),
        "how": _(definition.label) if definition else instrument.label if instrument else "",
        "only": indication_ref(row.indication)["name"] if row.indication else "",
        "reading": _(words.readings[row.source].label),
        "mark": mark(row.certainty),
        "note": row.note,
        "fix": {"printed": fix.printed, "used": fix.used, "why": fix.why} if fix else None,
        "second": row.second,
    }


def _shares(row: Row) -> list[str]:
    """Counts and percentages of the groups as they stand in the file, with counts that follow from a percentage."""
    if not isinstance(row, EventsRow):
        return []
    return [_share(one) for one in (row.treated, row.control) if one is not None]


def _share(share: Share) -> str:
    percent = figure_text(f"{share.percent} %") if share.percent is not None else ""
    if share.events is not None:
        counts = _("{events} of {n}").format(events=share.events, n=share.n)
        return f"{counts}, {percent}" if percent else counts
    if (pair := counted(share)) is not None:
        return _("{percent} of {n}: {events} people, computed").format(percent=percent, events=pair[0], n=pair[1])
    return _("{percent} of {n}").format(percent=percent, n=share.n) if share.n else percent


def used_rows(study: Study, reader: StaffMember) -> list[dict[str, Any]]:
    """Lines that rest on the study, grouped by what they belong to, with links that the reader may follow."""
    if not study.protocol_source:
        return []
    versions = {version.key: version for version in queries.newest_versions()}
    opens = bool(READ_PROTOCOLS & reader.access_roles)
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for one, words in _used(study, versions):
        key = (one.kind, one.code)
        if key not in groups:
            groups[key] = _group(one, versions.get(one.code) if opens else None)
        group = groups[key]
        url = f"{group['url']}#line-{one.path}" if one.kind == "protocol" and group["url"] else ""
        line = {
            "place": " · ".join(_(word) for word in words if word),
            "text": _(one.text) if one.text else "",
            "url": url,
        }
        if line["text"] != group["name"] and line not in group["lines"]:
            group["lines"].append(line)
    return list(groups.values())


def _group(one: UsedBy, version: ProtocolVersion | None) -> dict[str, Any]:
    url = ""
    if one.kind == "protocol" and version is not None:
        url = reverse("staff:protocol", args=[version.pk])
    elif one.kind == "indication":
        url = reverse("staff:studies_of", args=[one.code])
    return {"kind": KINDS[one.kind], "name": _(one.name), "code": one.code, "url": url, "lines": []}


Lines = tuple[tuple[UsedBy, tuple[str, ...]], ...]
_USED: dict[tuple[str, ...], Lines] = {}


def _used(study: Study, versions: Mapping[str, ProtocolVersion]) -> Lines:
    """The lines of the versions that this clinic uses, each with its place in words; kept by their fingerprints."""
    key = (study.id, study.protocol_source, *(version.sha256 for version in versions.values()))
    if key not in _USED:
        library = load_library()
        if versions:
            contents = {name: queries.protocol_of(version) for name, version in versions.items()}
            library = replace(library, protocols=contents)
        _USED[key] = tuple((one, _place(one, library)) for one in used_by(study, library))
    return _USED[key]


def _place(one: UsedBy, library: Library) -> tuple[str, ...]:
    if one.kind != "protocol":
        return ()
    return next((tuple(found.words) for found in numbers(library.protocols[one.code]) if found.path == one.path), ())
