"""A version on paper: every number with its certainty and the number of its source, signatures, what changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from interlude.domain.protocol.library import load_library
from interlude.interfaces.design import formats
from interlude.interfaces.design.printing import render_pdf
from interlude.interfaces.staff.planning.protocol_rows import change_rows, groups
from interlude.interfaces.staff.planning.words import certainty_words, citation, statement_rows
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.protocols import queries
from interlude.record.protocols.models import ProtocolVersion


def print_protocol(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """The PDF of one version."""
    version = get_object_or_404(queries.versions(), pk=version_id)
    data = document(version) | {
        "clinic": {"name": request.clinic.name, "letterhead": request.clinic.letterhead},
        "printed_at": timezone.now(),
        "printed_by": request.user.display_name,
    }
    pdf = render_pdf("protocol", data, language=translation.get_language() or "en")
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{version.key}-{version.version}.pdf"'
    return answer


def document(version: ProtocolVersion) -> dict[str, Any]:
    """The contents of the document `protocol`, without the clinic's head."""
    content = queries.protocol_of(version)
    former = queries.former_version(version)
    cited = _Sources()
    since = queries.in_force_since(version, queries.history_of(version.key))
    approvals = [
        {
            "name": approval.signature.signer_name,
            "role": approval.staff.get_role_display(),
            "at": approval.signature.signed_at,
        }
        for approval in version.approvals.all()
    ]
    return {
        "title": _(content.name),
        "version": str(version.version),
        "fingerprint": version.sha256,
        "summary": _(content.summary),
        "grade": content.grade,
        "effective": formats.clinic_date(version.effective_on) if version.effective_on else _("its second signature"),
        "is_approved": queries.is_approved(version),
        "approvals": approvals,
        "groups": [
            {
                "title": group["title"],
                "rows": [cited.row(row) for row in group["rows"]],
            }
            for group in groups(content, since=since)
        ],
        "statements": [
            {"title": title, "rows": [[one["text"], cited.mark(one)] for one in statement_rows(rows)]}
            for title, rows in ((_("Evidence"), content.evidence), (_("Notes"), content.notes))
            if rows
        ],
        "former": str(former.version) if former else None,
        "changes": [_changed(change) for change in change_rows(queries.changes_since(former, version))]
        if former
        else [],
        "sources": cited.listed(),
        "certainties": [{"key": mark, "value": certainty_words(mark)} for mark in ("V", "C", "R+", "R", "P")],
    }


class _Sources:
    """Sources numbered in the order in which the document names them."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.addresses = {citation(one.id): one.address for one in load_library().sources.values()}

    def mark(self, row: dict[str, Any]) -> str:
        """ "V [3]": certainty and number of the source."""
        number = self.numbers.setdefault(row["source"], len(self.numbers) + 1)
        return f"{row['certainty']} [{number}]"

    def row(self, row: dict[str, Any]) -> list[str]:
        value = f"{row['value']} {row['unit']}".strip()
        label = f"{row['label']} ({row['note']})" if row["note"] else row["label"]
        return [label, value, self.mark(row), formats.clinic_date(row["since"]) if row["since"] else "–"]

    def listed(self) -> list[dict[str, str]]:
        return [
            {"number": str(number), "citation": text, "address": self.addresses.get(text, "")}
            for text, number in self.numbers.items()
        ]


def _changed(change: dict[str, Any]) -> list[str]:
    def words(one: dict[str, Any] | None) -> str:
        if one is None:
            return "–"
        mark = f" ({one['certainty']})" if one["certainty"] else ""
        return f"{one['value']} {one['unit']}".strip() + mark

    return [change["place"], words(change["old"]), words(change["new"])]
