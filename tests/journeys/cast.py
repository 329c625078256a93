"""The fixed cast of the journeys. Everybody is invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

PASSWORD = "calm-harbour-lantern-7"


@dataclass(frozen=True)
class Staff:
    username: str
    name: str
    role: str


@dataclass(frozen=True)
class Person:
    family_name: str
    given_name: str
    born_on: date

    @property
    def banner(self) -> str:
        """How the patient banner writes the name."""
        return f"{self.family_name.upper()}, {self.given_name}"


LENA = Staff("lena", "Dr Lena Brandt", "physician")
TOMASZ = Staff("tomasz", "Dr Tomasz Lee", "physician")
AMAL = Staff("amal", "Amal Haddad", "nurse")
RUTH = Staff("ruth", "Ruth Okafor", "nurse")
JONAS = Staff("jonas", "Jonas Weber", "therapist")
MIRA = Staff("mira", "Mira Sand", "front_desk")
PETRA = Staff("petra", "Petra Lang", "pharmacy")
IVO = Staff("ivo", "Ivo Novak", "researcher")
AYLIN = Staff("aylin", "Aylin Demir", "administrator")

EVERYBODY = (LENA, TOMASZ, AMAL, RUTH, JONAS, MIRA, PETRA, IVO, AYLIN)

NOOR = Person("Haas", "Noor", date(1981, 7, 14))
