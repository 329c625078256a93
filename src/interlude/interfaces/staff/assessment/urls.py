from __future__ import annotations

from django.urls import path

from interlude.interfaces.staff.assessment.views import consultation, eligibility, facts, reports

urlpatterns = [
    path("patients/<uuid:patient_id>/consultation", consultation.consultation, name="consultation"),
    path("patients/<uuid:patient_id>/consultation/<slug:key>", consultation.save, name="consultation_save"),
    path("patients/<uuid:patient_id>/reports/<uuid:report_id>", reports.report, name="report"),
    path("patients/<uuid:patient_id>/facts", facts.facts, name="facts"),
    path("patients/<uuid:patient_id>/facts/group/<slug:key>", facts.save, name="facts_save"),
    path("patients/<uuid:patient_id>/facts/<slug:code>", facts.history, name="fact"),
    path("patients/<uuid:patient_id>/eligibility", eligibility.eligibility, name="eligibility"),
    path("patients/<uuid:patient_id>/eligibility/answer", eligibility.answer, name="eligibility_answer"),
    path("patients/<uuid:patient_id>/eligibility/ask", eligibility.ask, name="eligibility_ask"),
]
