"""The recovery page at one instant: rest, criteria with their evidence, and the way home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from interlude.domain.protocol import allowed_actions
from interlude.interfaces.design import formats
from interlude.interfaces.design.forms import DesignForm
from interlude.interfaces.staff.session import forms
from interlude.interfaces.staff.session.lines import LineForm, ShownLine, shown_lines
from interlude.interfaces.staff.session.numerals import Numeral, links_of, live_rules, numerals
from interlude.record.accounts.models import StaffMember
from interlude.record.dosing.models import Score, Session
from interlude.record.dosing.protocol import pinned
from interlude.record.dosing.queries import DischargeState, VitalNow, discharge_state
from interlude.record.dosing.queries.facts import baseline
from interlude.record.dosing.queries.latest import latest_observations
from interlude.record.dosing.queries.vitals import vitals_from
from interlude.record.dosing.rules import CARE, RUN
from interlude.record.protocols.queries import is_approved

SCALES = ("aldrete", "padss", "moaas", "cadss6")


@dataclass
class RecoveryPage:
    """What the templates of recovery read. The dose has ended: `state` is never None here."""

    session: Session
    now: datetime
    by: StaffMember
    bound: LineForm | None = None
    forms: dict[str, DesignForm] = field(default_factory=dict)

    @cached_property
    def state(self) -> DischargeState:
        state = discharge_state(self.session, self.now)
        assert state is not None
        return state

    @cached_property
    def base(self) -> Mapping[str, Any]:
        return baseline(self.session)

    @cached_property
    def approved(self) -> bool:
        return is_approved(self.session.protocol_version)

    @cached_property
    def vitals(self) -> Mapping[str, VitalNow]:
        latest = latest_observations([self.session.pk])[self.session.pk]
        return vitals_from(self.session, self.now, latest, baseline=dict(self.base), approved=self.approved)

    @cached_property
    def numerals(self) -> list[Numeral]:
        return numerals(self.vitals)

    @cached_property
    def rules(self) -> dict[str, Any]:
        return live_rules(self.session, pinned(self.session) if self.approved else None, self.vitals, self.base)

    @cached_property
    def links(self) -> list[dict[str, Any]]:
        return links_of(self.session, self.now)

    @cached_property
    def lines(self) -> list[ShownLine]:
        return shown_lines(self.state.lines, self.by, self.vitals, bound=self.bound)

    @property
    def met(self) -> int:
        return sum(line.passes for line in self.lines)

    @cached_property
    def scores(self) -> dict[str, Score]:
        """The newest score of each scale since the dose ended."""
        rows = self.session.scores.filter(at__gte=self.session.stopped_at).select_related("by").order_by("at")
        return {row.scale: row for row in rows}

    @cached_property
    def score_forms(self) -> list[dict[str, Any]]:
        rows = []
        for scale in SCALES:
            form = self.forms.get(scale) or forms.ScoreForm(scale=scale)
            last = self.scores.get(scale)
            rows.append(
                {
                    "form": form,
                    "scale": scale,
                    "name": form.definition.name,  # type: ignore[attr-defined]
                    "last": last,
                    "open": bool(form.errors) or last is None,
                }
            )
        return rows

    @property
    def base_text(self) -> str:
        """The blood pressure before the dose, which the criteria compare with."""
        upper, lower = self.base.get("nibp_sys"), self.base.get("nibp_dia")
        if upper is None or lower is None:
            return _("not measured before the dose")
        return _("{value} mmHg at {time}").format(
            value=f"{formats.clinic_number(upper.value, 0)}/{formats.clinic_number(lower.value, 0)}",
            time=formats.clinic_time(upper.seen_at),
        )

    # -- what may be done ------------------------------------------------------------------------------

    @cached_property
    def actions(self) -> tuple[str, ...]:
        return allowed_actions(self.session.phase, self.session.route)  # type: ignore[arg-type]

    @property
    def may_run(self) -> bool:
        return self.by.role in RUN

    @property
    def may_log(self) -> bool:
        return self.by.role in CARE

    @property
    def may_shorten(self) -> bool:
        return not self.state.stay_is_over and self.by.role in self.state.may_shorten_stay

    @cached_property
    def blockers(self) -> list[str]:
        """Why the patient cannot go home yet, in words. The driver's identity is asked in the form itself."""
        found = [line.label for line in self.lines if not line.passes]
        if self.session.phase == "stopped":
            found.insert(0, _("The patient does not rest yet: note the beginning of the rest in the session."))
        if not self.state.stay_is_over and not self.may_shorten:
            found.append(
                _("The minimum stay ends at {time}. Only a physician may shorten it.").format(
                    time=formats.clinic_time(self.state.earliest_at)
                )
            )
        return found

    def discharge_form_of(self, data: Any = None) -> DesignForm:
        driver = self.state.driver
        initial = {"driver_name": driver.name, "driver_phone": driver.phone} if driver else {}
        return forms.DischargeForm(data, may_shorten=self.may_shorten, initial=initial)

    @property
    def discharge_form(self) -> DesignForm:
        return self.forms.get("discharge") or self.discharge_form_of()

    @property
    def leave_form(self) -> DesignForm:
        return self.forms.get("leave") or forms.LeaveForm(auto_id="id_leave_%s")

    @property
    def vitals_form(self) -> DesignForm:
        return self.forms.get("vitals") or forms.VitalsForm(auto_id="id_vitals_%s")

    @property
    def texts(self) -> list[str]:
        """What the patient takes home in words."""
        return [_(one.text) for one in pinned(self.session).discharge.texts]

    @property
    def stay_min(self) -> int:
        return max(0, int((self.state.earliest_at - self.now).total_seconds() // 60))
