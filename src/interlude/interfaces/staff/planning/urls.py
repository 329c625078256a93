from __future__ import annotations

from django.urls import path

from interlude.interfaces.staff.planning import builder, course, preparing, protocols

urlpatterns = [
    path("protocols/", protocols.protocols, name="protocols"),
    path("protocols/<uuid:version_id>/", protocols.protocol, name="protocol"),
    path("patients/<uuid:patient_id>/plan/", builder.plan, name="plan"),
    path("patients/<uuid:patient_id>/plan/preview/", builder.plan_preview, name="plan_preview"),
    path("courses/<uuid:course_id>/", course.course, name="course"),
    path("courses/<uuid:course_id>/change/", builder.plan_change, name="plan_change"),
    path("courses/<uuid:course_id>/sign/", course.plan_sign, name="plan_sign"),
    path("courses/<uuid:course_id>/discard/", course.plan_discard, name="plan_discard"),
    path("courses/<uuid:course_id>/consent/", preparing.consent, name="consent"),
    path("courses/<uuid:course_id>/consent/print/", preparing.consent_print, name="consent_print"),
    path("courses/<uuid:course_id>/consent/withdraw/", preparing.consent_withdraw, name="consent_withdraw"),
    path("courses/<uuid:course_id>/comfort/", preparing.comfort, name="comfort"),
]
