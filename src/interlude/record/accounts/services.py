from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

from interlude.domain.refusals import N_, Refused
from interlude.record.accounts.models import OneTimeLink, Signature, SignInFailure, StaffMember
from interlude.record.accounts.roles import Role
from interlude.record.audit import services as audit
from interlude.record.audit.actors import Actor

LINK_LIFETIME = timedelta(days=7)
FAILURES_BEFORE_WAIT = 5
FAILURE_WINDOW = timedelta(minutes=15)


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def add_staff(
    *,
    by: Actor,
    at: datetime,
    username: str,
    display_name: str,
    role: str,
    is_administrator: bool = False,
    language: str = "",
    password: str | None = None,
) -> StaffMember:
    """Add a staff member. Without a password the person sets one by a one-time link."""
    username = username.strip().lower()
    if not username.isidentifier() and not username.replace(".", "").replace("-", "").isalnum():
        raise Refused(N_("A sign-in name has letters, digits, points and hyphens only."), field="username")
    if StaffMember.objects.filter(username=username).exists():
        raise Refused(N_("The sign-in name {username} is taken."), field="username", username=username)
    if role not in Role.values:
        raise Refused(N_("Choose one of the roles of the list."), field="role")
    if not display_name.strip():
        raise Refused(N_("Enter the person's name."), field="display_name")
    staff = StaffMember(
        username=username,
        display_name=display_name.strip(),
        role=role,
        is_administrator=is_administrator or role == Role.ADMINISTRATOR,
        language=language,
    )
    if password is None:
        staff.set_unusable_password()
    else:
        staff.set_password(password)
    staff.save(force_insert=True)
    audit.record(by=by, at=at, what="accounts.staff.added", about=staff, detail={"role": role})
    return staff


@transaction.atomic
def change_staff(
    *,
    by: Actor,
    at: datetime,
    staff: StaffMember,
    display_name: str,
    role: str,
    is_administrator: bool,
    is_active: bool,
    language: str,
) -> StaffMember:
    """Change a staff member's entry; the last active administrator stays one."""
    if role not in Role.values:
        raise Refused(N_("Choose one of the roles of the list."), field="role")
    keeps_administrating = is_active and (is_administrator or role == Role.ADMINISTRATOR)
    others = StaffMember.objects.filter(is_administrator=True, is_active=True).exclude(pk=staff.pk)
    if staff.is_administrator and not keeps_administrating and not others.exists():
        raise Refused(N_("This is the last administrator. Name another one first."), field="is_administrator")
    before = {"role": staff.role, "is_administrator": staff.is_administrator, "is_active": staff.is_active}
    staff.display_name = display_name.strip() or staff.display_name
    staff.role = role
    staff.is_administrator = is_administrator or role == Role.ADMINISTRATOR
    staff.is_active = is_active
    staff.language = language
    staff.save()
    after = {"role": role, "is_administrator": staff.is_administrator, "is_active": is_active}
    audit.record(by=by, at=at, what="accounts.staff.changed", about=staff, detail={"before": before, "after": after})
    return staff


@transaction.atomic
def make_one_time_link(*, by: Actor, at: datetime, staff: StaffMember) -> str:
    """Return the secret of a link that lets `staff` set a password once within seven days."""
    token = secrets.token_urlsafe(32)
    staff.links.filter(used_at=None).delete()
    link = OneTimeLink.objects.create(
        staff=staff, fingerprint=_fingerprint(token), created_at=at, expires_at=at + LINK_LIFETIME
    )
    audit.record(by=by, at=at, what="accounts.link.made", about=link)
    return token


def staff_of_link(*, token: str, at: datetime) -> StaffMember:
    """The person whose link this is. Raises `Refused` when it is unknown, used or too old."""
    link = OneTimeLink.objects.select_related("staff").filter(fingerprint=_fingerprint(token)).first()
    if link is None or link.used_at is not None or link.expires_at < at or not link.staff.is_active:
        raise Refused(N_("This link is used up or too old. Ask your administrator for a new one."))
    return link.staff


@transaction.atomic
def set_password_by_link(*, token: str, password: str, at: datetime) -> StaffMember:
    staff = staff_of_link(token=token, at=at)
    try:
        validate_password(password, staff)
    except ValidationError as error:
        raise Refused(" ".join(error.messages).replace("{", "(").replace("}", ")"), field="password") from error
    staff.set_password(password)
    staff.save(update_fields=["password"])
    OneTimeLink.objects.filter(fingerprint=_fingerprint(token)).update(used_at=at)
    audit.record(by=staff, at=at, what="accounts.password.set", about=staff)
    return staff


def check_may_try(*, username: str, at: datetime) -> None:
    """Raise `Refused` while too many wrong passwords were entered for this name in the last minutes."""
    recent = SignInFailure.objects.filter(username=username.lower()[:40], at__gt=at - FAILURE_WINDOW)
    times = list(recent.order_by("-at").values_list("at", flat=True)[:64])
    if len(times) < FAILURES_BEFORE_WAIT:
        return
    wait = timedelta(minutes=2 ** min(len(times) - FAILURES_BEFORE_WAIT, 5))
    if at < times[0] + wait:
        minutes = max(1, round((times[0] + wait - at).total_seconds() / 60))
        raise Refused(N_("Too many wrong passwords. Try again in {minutes} min."), field="password", minutes=minutes)


@transaction.atomic
def note_failure(*, username: str, at: datetime) -> None:
    """Remember one refused sign-in."""
    SignInFailure.objects.create(username=username.lower()[:40], at=at)


@transaction.atomic
def note_sign_in(*, staff: StaffMember, at: datetime) -> None:
    SignInFailure.objects.filter(username=staff.username).delete()
    staff.last_login = at
    staff.save(update_fields=["last_login"])
    audit.record(by=staff, at=at, what="accounts.signed_in", about=staff)


def content_hash(content: dict[str, Any]) -> str:
    """SHA-256 over the canonical JSON of what is signed."""
    text = json.dumps(content, cls=DjangoJSONEncoder, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def sign(
    *,
    by: StaffMember,
    password: str,
    meaning: str,
    about: models.Model,
    content: dict[str, Any],
    at: datetime,
    patient_id: Any = None,
) -> Signature:
    """Re-authenticate `by` and bind the person, the time and the meaning to the exact content.

    Raises `Refused` on the field `password` when it is wrong or too many attempts were made.
    """
    check_may_try(username=by.username, at=at)
    # The caller's transaction ends with the refusal, so wrong passwords at a signature are counted in memory.
    name = f"signing:{by.pk}"
    failures = caches["throttle"].get(name, 0)
    if failures >= FAILURES_BEFORE_WAIT:
        raise Refused(N_("Too many wrong passwords. Try again in {minutes} min."), field="password", minutes=1)
    if not by.check_password(password):
        caches["throttle"].set(name, failures + 1, timeout=60)
        raise Refused(N_("The password is not right. Nothing was signed."), field="password")
    with transaction.atomic():
        signature = Signature.objects.create(
            staff=by,
            signed_at=at,
            meaning=meaning,
            about_type=about._meta.label_lower,
            about_id=str(about.pk),
            content_sha256=content_hash(content),
            signer_name=by.display_name,
        )
        audit.record(
            by=by,
            at=at,
            what="accounts.signed",
            about=about,
            patient_id=patient_id,
            detail={"meaning": meaning, "sha256": signature.content_sha256},
        )
    return signature
