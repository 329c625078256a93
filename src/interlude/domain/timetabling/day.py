"""Fitting one appointment into one local day, and saying which resource stands in the way when none fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from interlude.domain.instruments.data import Reason
from interlude.domain.refusals import N_
from interlude.domain.timetabling.requests import (
    CLINIC,
    PATIENT,
    Busy,
    Calendar,
    DayReason,
    Hours,
    Interval,
    Kind,
    Resource,
    SeriesAppointment,
    SeriesRequest,
    later,
    local,
)


@dataclass(frozen=True)
class Clinic:
    """Everything that does not belong to the request: calendars, engagements, chairs and people."""

    busy: Busy
    hours: Hours
    resources: Sequence[Resource]


def infusions_on(
    request: SeriesRequest, clinic: Clinic, day: date, number: int, own: Sequence[SeriesAppointment]
) -> Iterator[SeriesAppointment]:
    """Every start of that day that works, best first: preferred times, then earliest; one choice of resources
    each (identical resources are interchangeable)."""
    for start in _starts(request, clinic, day):
        built = infusion_at(request, clinic, start, number, own)
        if built is not None:
            yield built


def infusion_at(
    request: SeriesRequest,
    clinic: Clinic,
    start: datetime,
    number: int,
    own: Sequence[SeriesAppointment],
    *,
    without: frozenset[str] = frozenset(),
) -> SeriesAppointment | None:
    """An infusion at that instant, or None. `without`: needs that are waived, to find the binding one."""
    stretches = _stretches(request, start)
    stay = Interval(start, later(start, request.durations.stay))
    if CLINIC not in without and not _within(clinic.hours.get(CLINIC), stay, request):
        return None
    if PATIENT not in without and not _patient_free(request, clinic, stay, own):
        return None
    roles: dict[Kind, str] = {}
    for kind, stretch in stretches.items():
        if kind in without:
            continue
        resource = _free(request, clinic, kind, stretch, own)
        if resource is None:
            return None
        roles[kind] = resource.id
    infusion_start = later(start, request.durations.preparation)
    return SeriesAppointment(
        kind="infusion",
        number=number,
        start=start,
        end=stay.end,
        held={roles[kind]: stretches[kind] for kind in roles},
        roles=roles,
        infusion_start=infusion_start,
        infusion_end=later(infusion_start, request.durations.infusion),
    )


def integrations_for(
    request: SeriesRequest, clinic: Clinic, infusion: SeriesAppointment, own: Sequence[SeriesAppointment]
) -> Iterator[SeriesAppointment]:
    """Therapy after that infusion: the first day of the window first, preferred times first."""
    day = infusion.start.astimezone(request.zone).date()
    low, high = request.integration_days
    for offset in range(low, high + 1):
        for start in _starts(request, clinic, day + timedelta(days=offset)):
            stay = Interval(start, later(start, request.integration_min))
            if not _within(clinic.hours.get(CLINIC), stay, request):
                continue
            therapist = _free(request, clinic, "therapist", stay, own)
            if therapist is not None and _patient_free(request, clinic, stay, own):
                yield SeriesAppointment(
                    kind="integration",
                    number=infusion.number,
                    start=start,
                    end=stay.end,
                    held={therapist.id: stay},
                    roles={"therapist": therapist.id},
                )


def why_not(
    request: SeriesRequest, clinic: Clinic, day: date, number: int, own: Sequence[SeriesAppointment]
) -> DayReason:
    """The binding resource of a day without a place: the one whose need, waived alone, opens the day."""
    params: dict[str, object] = {"on": day, "number": number}
    stretches = _open(clinic.hours.get(CLINIC), day, request)
    if not stretches:
        return DayReason(number, day, "", Reason(N_("{on}: the clinic is closed."), params))
    if all(later(row.start, request.durations.stay).astimezone(UTC) > row.utc[1] for row in stretches):
        return DayReason(number, day, "", Reason(_BINDING[CLINIC], params))
    starts = list(_starts(request, clinic, day, anywhere=True))
    if any(infusion_at(request, clinic, start, number, own) for start in starts):
        template = N_("{on}: no therapist is free for the integration session afterwards.")
        return DayReason(number, day, "therapist", Reason(template, params))
    for need, template in _BINDING.items():
        waived = frozenset({need})
        if any(infusion_at(request, clinic, start, number, own, without=waived) for start in starts):
            if need == "chair" and request.chair_kinds:
                params["chair_kind"] = ", ".join(request.chair_kinds)
                template = N_("{on}: no {chair_kind} is free long enough.")
            return DayReason(number, day, "" if need == CLINIC else need, Reason(template, params))
    template = N_("{on}: several things are missing at once, such as a chair and a person.")
    return DayReason(number, day, "several", Reason(template, params))


_BINDING = {
    "chair": N_("{on}: no chair is free long enough."),
    "nurse": N_("{on}: no nurse is free for the whole stay."),
    "physician": N_("{on}: no physician is free at the start of the infusion."),
    PATIENT: N_("{on}: the patient has another appointment or cannot come then."),
    CLINIC: N_("{on}: the opening hours are too short for the whole stay."),
}


def _stretches(request: SeriesRequest, start: datetime) -> dict[Kind, Interval]:
    """How long each resource is held for an infusion that begins with preparation at `start`."""
    times = request.durations
    begin = later(start, times.preparation)
    held: dict[Kind, Interval] = {"chair": Interval(start, later(start, times.stay + times.cleaning))}
    if request.needs_nurse:
        held["nurse"] = Interval(start, later(start, times.stay))
    if request.needs_physician:
        held["physician"] = Interval(begin, later(begin, request.physician_min))
    return held


def _starts(request: SeriesRequest, clinic: Clinic, day: date, *, anywhere: bool = False) -> Iterator[datetime]:
    """Grid starts within the opening hours, preferred times first. `anywhere`: the whole day, to explain."""
    midnight = datetime.combine(day, time.min)
    found: list[tuple[bool, datetime]] = []
    open_ = _open(clinic.hours.get(CLINIC), day, request)
    for minute in range(0, 24 * 60, request.grid_min):
        wall = (midnight + timedelta(minutes=minute)).time()
        at = local(day, wall, request.zone)
        if at is None or not (anywhere or any(row.contains(Interval(at, at)) for row in open_)):
            continue
        liked = not request.preferred or any(low <= wall < high for low, high in request.preferred)
        found.append((not liked, at))
    for _, at in sorted(found, key=lambda row: (row[0], row[1].astimezone(UTC))):
        yield at


def _open(calendar: Calendar | None, day: date, request: SeriesRequest) -> list[Interval]:
    return calendar.open_on(day, request.zone) if calendar else []


def _within(calendar: Calendar | None, stretch: Interval, request: SeriesRequest) -> bool:
    day = stretch.start.astimezone(request.zone).date()
    rows = _open(calendar, day, request)
    return any(row.contains(stretch) for row in rows)


def _patient_free(request: SeriesRequest, clinic: Clinic, stay: Interval, own: Sequence[SeriesAppointment]) -> bool:
    wishes = clinic.hours.get(PATIENT)
    if wishes is not None and not _within(wishes, stay, request):
        return False
    taken = [*clinic.busy.get(PATIENT, ()), *(one.stay for one in own)]
    return not any(stay.overlaps(other) for other in taken)


def _free(
    request: SeriesRequest, clinic: Clinic, kind: Kind, stretch: Interval, own: Sequence[SeriesAppointment]
) -> Resource | None:
    """The first resource of that kind, in the order given, that works then and has a place left."""
    for resource in clinic.resources:
        if resource.kind != kind or not _suits(request, resource):
            continue
        calendar = clinic.hours.get(resource.id, clinic.hours.get(CLINIC) if kind == "chair" else None)
        if kind != "chair" and not _within(calendar, stretch, request):
            continue
        if kind == "chair" and resource.id in clinic.hours and not _within(calendar, stretch, request):
            continue
        taken = [*clinic.busy.get(resource.id, ()), *(o.held[resource.id] for o in own if resource.id in o.held)]
        if _peak([row for row in taken if row.overlaps(stretch)], stretch) < resource.capacity:
            return resource
    return None


def _suits(request: SeriesRequest, resource: Resource) -> bool:
    if resource.kind == "chair":
        return not request.chair_kinds or resource.chair_kind in request.chair_kinds
    if resource.kind == "therapist" and request.therapist_id:
        return resource.id == request.therapist_id
    return True


def _peak(rows: Sequence[Interval], stretch: Interval) -> int:
    """The largest number of engagements at any one moment of the stretch."""
    spans = [row.utc for row in rows]
    moments = [stretch.utc[0], *(start for start, _ in spans if start > stretch.utc[0])]
    return max((sum(start <= at < end for start, end in spans) for at in moments), default=0)
