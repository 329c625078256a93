from __future__ import annotations

import pytest
from django.test import Client

from tests.record.dosing.builders import Clinic

pytestmark = pytest.mark.django_db


def test_smoke(client: Client, clinic: Clinic) -> None:
    session = clinic.running()
    client.force_login(clinic.nurse)
    for path in ("", "/panel", "/chart.json", "/preview.json?rate_mg_per_h=40", "/report", "/recovery", "/gate"):
        answer = client.get(f"/sessions/{session.pk}{path}")
        print(path, answer.status_code, len(answer.content))
    answer = client.get("/")
    print(answer.status_code)
    answer = client.get("/today/board")
    assert answer.status_code == 200
