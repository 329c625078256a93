from __future__ import annotations

from django.urls import path

from interlude.interfaces.staff.measures.views import alerts, entry, grid

urlpatterns = [
    path("patients/<uuid:patient_id>/measures", grid.measures, name="measures"),
    path("patients/<uuid:patient_id>/measures/send", entry.send, name="measure_send"),
    path("patients/<uuid:patient_id>/measures/enter", entry.choose, name="measure_enter"),
    path("patients/<uuid:patient_id>/measures/enter/<slug:instrument>", entry.paper, name="measure_paper"),
    path("measures/<uuid:assignment_id>/withdraw", entry.withdraw, name="measure_withdraw"),
    path("responses/<uuid:response_id>", grid.response, name="response"),
    path("alerts/<uuid:alert_id>", alerts.risk_alert, name="risk_alert"),
]
