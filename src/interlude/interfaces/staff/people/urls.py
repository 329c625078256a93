from __future__ import annotations

from django.urls import path

from interlude.interfaces.staff.people.views import lists, portal, record, registration

urlpatterns = [
    path("patients", lists.patients, name="patients"),
    path("patients/register", registration.register, name="register"),
    path("patients/<uuid:patient_id>", record.patient, name="patient"),
    path("patients/<uuid:patient_id>/referral", registration.refer, name="refer"),
    path("patients/<uuid:patient_id>/contact", registration.contact, name="patient_contact"),
    path("patients/<uuid:patient_id>/team", record.team, name="patient_team"),
    path("patients/<uuid:patient_id>/portal", portal.invite, name="patient_invite"),
    path("patients/<uuid:patient_id>/portal/letter", portal.letter, name="patient_invite_letter"),
]
