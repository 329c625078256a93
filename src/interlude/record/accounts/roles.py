"""The roles of a clinic's staff. What each may open stands in `config/access.toml`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    PHYSICIAN = "physician", _("Physician")
    NURSE = "nurse", _("Nurse")
    THERAPIST = "therapist", _("Therapist")
    FRONT_DESK = "front_desk", _("Front desk")
    PHARMACY = "pharmacy", _("Pharmacy and stock")
    RESEARCHER = "researcher", _("Researcher")
    ADMINISTRATOR = "administrator", _("Administrator")


CLINICAL = frozenset({Role.PHYSICIAN, Role.NURSE, Role.THERAPIST})
EVERYBODY = frozenset(Role)
