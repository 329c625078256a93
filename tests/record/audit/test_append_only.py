from __future__ import annotations

from datetime import datetime

import pytest
from django.db import DatabaseError, connection, transaction

from interlude.record.accounts.models import StaffMember
from interlude.record.audit import services as audit
from interlude.record.audit.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_auditentry SET what = 'nothing'", "DELETE FROM audit_auditentry"],
)
def test_the_database_itself_refuses_to_change_the_trail(lena: StaffMember, statement: str) -> None:
    before = AuditEntry.objects.count()
    assert before > 0
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert AuditEntry.objects.count() == before


def test_an_entry_goes_with_its_change(lena: StaffMember, now: datetime) -> None:
    before = AuditEntry.objects.count()

    def change_that_fails() -> None:
        with transaction.atomic():
            audit.record(by=lena, at=now, what="test.done", about=lena)
            raise RuntimeError("roll back")

    with pytest.raises(RuntimeError, match="roll back"):
        change_that_fails()
    assert AuditEntry.objects.count() == before
