from __future__ import annotations

import pytest
from django.db import connection

from interlude.record.patients.models import Patient
from interlude.record.vault.cipher import CannotDecrypt
from interlude.record.vault.services import erase_subject

pytestmark = pytest.mark.django_db


def stored(column: str, pk: object) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column}, id FROM patients_patient")
        rows = {str(row[1]).replace("-", ""): bytes(row[0]) for row in cursor.fetchall()}
    return rows[str(pk).replace("-", "")]


def test_a_name_reads_back_and_is_not_in_the_file(noor: Patient) -> None:
    assert Patient.objects.get(pk=noor.pk).family_name == "Haas"
    assert b"Haas" not in stored("family_name", noor.pk)


def test_a_ciphertext_moved_to_another_column_does_not_open(noor: Patient) -> None:
    Patient.objects.filter(pk=noor.pk).update(given_name=stored("family_name", noor.pk))
    with pytest.raises(CannotDecrypt):
        _ = Patient.objects.get(pk=noor.pk).given_name


def test_an_erased_patient_reads_as_nothing(noor: Patient) -> None:
    erase_subject(subject_id=noor.pk)
    assert Patient.objects.get(pk=noor.pk).family_name is None


def test_an_encrypted_field_cannot_be_filtered_on(noor: Patient) -> None:
    with pytest.raises(TypeError, match="encrypted"):
        Patient.objects.filter(family_name="Haas").count()
