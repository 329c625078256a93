"""What comes next in a course: the numbers, the protocol's ladder as information, the decision and its signature."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from interlude.domain.instruments import instrument as instrument_of
from interlude.domain.instruments import sources as instrument_sources
from interlude.domain.protocol import Protocol, load_library
from interlude.domain.refusals import Refused
from interlude.interfaces.staff.followup.forms import DecisionForm
from interlude.interfaces.staff.measures.views.grid import LEADING_SCALE, trend_words
from interlude.interfaces.staff.people.banner import banner_for
from interlude.interfaces.staff.requests import StaffRequest
from interlude.record.accounts.services import content_hash
from interlude.record.followup import queries, services
from interlude.record.measures.queries import open_alerts
from interlude.record.outcomes.queries import trend
from interlude.record.patients.services import record_view
from interlude.record.plans.models import Course
from interlude.record.plans.queries import courses_for
from interlude.record.protocols.queries import protocol_of


def next_decision(request: StaffRequest, course_id: UUID) -> HttpResponse:
    """Look at the trend and the stop rules, decide, give the reason, sign."""
    course = get_object_or_404(courses_for(request.user), pk=course_id)
    protocol = protocol_of(course.protocol_version)
    seen = queries.what_is_known(request.user, course)
    form = DecisionForm(
        request.POST or None, ladder=protocol.maintenance.ladder, initial={"seen_sha256": content_hash(seen)}
    )
    if request.method == "POST":
        if form.is_valid() and _decide(request, course, form):
            return redirect("staff:next_decision", course.pk)
    else:
        record_view(by=request.user, at=timezone.now(), patient=course.patient, page="next_decision")
    return render(request, "staff/followup/next_decision.html", _context(request, course, protocol, form))


def _decide(request: StaffRequest, course: Course, form: DecisionForm) -> bool:
    try:
        services.decide_next(by=request.user, at=timezone.now(), course=course, **form.content)
    except Refused as refused:
        form.refuse(refused)
        return False
    messages.success(request, _("Decided and signed."))
    return True


def citation(source_id: str) -> str:
    """Where a number or sentence comes from, in words."""
    library = load_library()
    known = {**instrument_sources(), **library.sources}
    return known[source_id].citation if source_id in known else source_id


def _ladder(protocol: Protocol) -> list[dict[str, Any]]:
    rows = []
    for step in protocol.maintenance.ladder:
        datum = step.visits or step.every_min_days
        rows.append(
            {
                "label": _(step.label),
                "visits": step.visits,
                "certainty": datum.certainty if datum else "P",
                "source": citation(datum.source) if datum else "",
            }
        )
    return rows


def _context(request: StaffRequest, course: Course, protocol: Protocol, form: DecisionForm) -> dict[str, Any]:
    now = timezone.now()
    given = queries.sessions_given(course)
    leading = queries.gain_of_course(request.user, course, instrument_of(LEADING_SCALE))
    rules, reason = queries.stop_rules_met(course, given, leading)
    met = {rule.code for rule in rules}
    refusal = _refusal(request, course)
    counters = queries.dose_counters(course.patient)
    total_ug = counters["given_ug"]
    return {
        "patient": course.patient,
        "banner": banner_for(course.patient, timezone.localdate(), request.user),
        "course": course,
        "given": given,
        "gain": leading,
        "gain_size": None if leading.percent is None else abs(leading.percent),
        "scale": instrument_of(LEADING_SCALE).name,
        "trend": trend_words(trend(request.user, course.patient, LEADING_SCALE, now)),
        "stop_words": _(reason.template).format(**reason.params),
        "stop_rules": [
            {
                "text": _(rule.text),
                "is_met": rule.code in met,
                "by_people": rule.improvement_below_percent is None,
                "certainty": rule.certainty,
                "source": citation(rule.source),
            }
            for rule in protocol.maintenance.stop_rules
        ],
        "ladder": _ladder(protocol),
        "widen_after": protocol.maintenance.widen_after_stable_visits,
        "evidence": [
            {"text": _(one.text), "certainty": one.certainty, "source": citation(one.source)}
            for one in protocol.maintenance.evidence
        ],
        "counters": counters,
        "given_total_mg": None if total_ug is None else Decimal(total_ug).scaleb(-3),
        "decisions": list(queries.decisions_for(request.user).filter(course=course)),
        "alerts": list(open_alerts(request.user).filter(patient=course.patient)),
        "may_decide": not refusal,
        "refusal": refusal,
        "form": form,
        "now": now,
    }


def _refusal(request: StaffRequest, course: Course) -> str:
    try:
        services.check_may_decide(request.user, course)
    except Refused as refused:
        return _(refused.template).format(**refused.params)
    return ""
