"""Invented people: every name is put together from two lists, so that it belongs to nobody in particular."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

STAFF = (
    ("lena", "Dr Lena Brandt", "physician"),
    ("tomasz", "Dr Tomasz Lee", "physician"),
    ("amal", "Amal Haddad", "nurse"),
    ("ruth", "Ruth Okafor", "nurse"),
    ("nils", "Nils Berg", "nurse"),
    ("ines", "Ines Costa", "nurse"),
    ("jonas", "Jonas Weber", "therapist"),
    ("mira", "Mira Sand", "front_desk"),
    ("petra", "Petra Lang", "pharmacy"),
    ("ivo", "Ivo Novak", "researcher"),
    ("aylin", "Aylin Demir", "administrator"),
)

FAMILY_NAMES = [
    "Haas",
    "Vogt",
    "Arslan",
    "Keller",
    "Lindner",
    "Petrov",
    "Brandner",
    "Castell",
    "Moreau",
    "Okonkwo",
    "Sommer",
    "Farkas",
    "Hollmann",
    "Iversen",
    "Jansky",
    "Kovac",
    "Lorenz",
    "Marten",
    "Nadler",
    "Orlow",
    "Pfeil",
    "Quandt",
    "Rieger",
    "Salman",
    "Thoma",
    "Ulrich",
    "Varga",
    "Winter",
    "Yilmaz",
    "Zander",
    "Ahrens",
    "Berger",
    "Cordes",
    "Dahl",
    "Ebner",
    "Fuchs",
    "Geiger",
    "Heller",
    "Ibrahim",
    "Jung",
    "Kramer",
    "Lang",
    "Meinert",
    "Noll",
    "Osterman",
    "Pohl",
    "Reuter",
    "Seidel",
]
GIVEN_FEMALE = [
    "Noor",
    "Johanna",
    "Selma",
    "Greta",
    "Ines",
    "Lotte",
    "Maren",
    "Nadja",
    "Olga",
    "Paula",
    "Rosa",
    "Svea",
    "Thea",
    "Ulla",
    "Vera",
    "Wanda",
    "Yara",
    "Zoe",
]
GIVEN_MALE = [
    "Anton",
    "Bela",
    "Cem",
    "David",
    "Emil",
    "Felix",
    "Goran",
    "Hugo",
    "Ilja",
    "Jakob",
    "Karim",
    "Leo",
    "Milan",
    "Nils",
    "Oskar",
    "Pavel",
    "Ruben",
    "Theo",
]


@dataclass(frozen=True)
class Person:
    """One invented patient. `systolic` and `heart_rate` are what the virtual monitor starts from."""

    family_name: str
    given_name: str
    sex: str
    born_on: date
    weight_kg: Decimal
    height_cm: int
    systolic: int
    diastolic: int
    heart_rate: int
    phq9: int


def person(number: int, today: date) -> Person:
    """The invented patient of a number: always the same one. Numbers run from 0 without end."""
    rng = np.random.default_rng([20260312, number])
    # Walk through the family names so that neighbours differ; given names by chance.
    family = FAMILY_NAMES[number % len(FAMILY_NAMES)]
    lap = number // len(FAMILY_NAMES)
    if lap:
        family += f"-{FAMILY_NAMES[(number * 7 + lap) % len(FAMILY_NAMES)]}"
    sex = "female" if number == 0 or rng.random() < 0.55 else "male"
    names = GIVEN_FEMALE if sex == "female" else GIVEN_MALE
    given = "Noor" if number == 0 else names[int(rng.integers(1, len(names)))]
    age_days = int(rng.integers(23 * 365, 64 * 365))
    weight = Decimal(str(round(float(rng.normal(67 if sex == "female" else 82, 10)), 1)))
    return Person(
        family_name=family,
        given_name=given,
        sex=sex,
        born_on=today - timedelta(days=age_days),
        weight_kg=min(max(weight, Decimal("48.0")), Decimal("112.0")),
        height_cm=int(rng.normal(167 if sex == "female" else 179, 7)),
        systolic=int(rng.integers(108, 134)),
        diastolic=int(rng.integers(66, 84)),
        heart_rate=int(rng.integers(60, 82)),
        phq9=int(rng.integers(15, 24)),
    )
