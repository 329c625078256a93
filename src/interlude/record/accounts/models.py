from __future__ import annotations

from typing import ClassVar
from uuid import UUID, uuid4

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from interlude.record.accounts.roles import Role


class StaffManager(BaseUserManager["StaffMember"]):
    def get_by_natural_key(self, username: str | None) -> StaffMember:
        return self.get(username=(username or "").lower())


class StaffMember(AbstractBaseUser):
    """A person who works here and signs in."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    username = models.CharField(_("sign-in name"), max_length=40, unique=True)
    display_name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    is_administrator = models.BooleanField(_("may administer the clinic"), default=False)
    is_active = models.BooleanField(default=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[StaffManager] = StaffManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name", "role"]

    actor_kind = "staff"

    class Meta:
        ordering = ["display_name"]

    def __str__(self) -> str:
        return self.display_name

    @property
    def actor_id(self) -> str:
        return str(self.pk)

    @property
    def actor_role(self) -> str:
        return self.role

    @property
    def access_roles(self) -> frozenset[str]:
        """The roles that count when a page is opened: the person's own, and administrator where given."""
        extra = {Role.ADMINISTRATOR} if self.is_administrator else set()
        return frozenset({self.role, *extra})


class OneTimeLink(models.Model):
    """A link that lets a new staff member set a password once. Only its fingerprint is stored."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    staff = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="links")
    fingerprint = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class SignInFailure(models.Model):
    """A refused sign-in, counted so that guessing slows down. Never blocks a running session."""

    username = models.CharField(max_length=40, db_index=True)
    at = models.DateTimeField()


class Signature(models.Model):
    """A person's re-authenticated consent to an exact content, with its meaning in words."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    staff = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="signatures")
    signed_at = models.DateTimeField()
    meaning = models.CharField(max_length=80)
    about_type = models.CharField(max_length=64)
    about_id = models.CharField(max_length=64)
    content_sha256 = models.CharField(max_length=64)
    signer_name = models.CharField(max_length=120)

    class Meta:
        indexes = [models.Index(fields=["about_type", "about_id"])]
