from __future__ import annotations

from django.urls import path

from interlude.interfaces.staff.planning import (
    builder,
    course,
    dose_check,
    preparing,
    protocol_drafts,
    protocol_print,
    protocol_rules,
    protocols,
    taper,
    why,
)

urlpatterns = [
    path("protocols/", protocols.protocols, name="protocols"),
    path("protocols/rules/", protocol_rules.rules, name="protocol_rules"),
    path("protocols/<uuid:version_id>/", protocols.protocol, name="protocol"),
    path("protocols/<uuid:version_id>/print/", protocol_print.print_protocol, name="protocol_print"),
    path("protocols/<uuid:version_id>/decline/", protocols.decline, name="protocol_decline"),
    path("protocols/<uuid:version_id>/draft/", protocol_drafts.open_draft, name="protocol_draft_open"),
    path("protocols/drafts/<uuid:draft_id>/", protocol_drafts.draft, name="protocol_draft"),
    path("protocols/drafts/<uuid:draft_id>/number/", protocol_drafts.value, name="protocol_value"),
    path("protocols/drafts/<uuid:draft_id>/summary/", protocol_drafts.summary, name="protocol_summary"),
    path("protocols/drafts/<uuid:draft_id>/check/", protocol_drafts.value_check, name="protocol_value_check"),
    path("protocols/drafts/<uuid:draft_id>/restore/", protocol_drafts.restore, name="protocol_restore"),
    path("protocols/drafts/<uuid:draft_id>/try/", protocol_drafts.try_out, name="protocol_try"),
    path("protocols/drafts/<uuid:draft_id>/submit/", protocol_drafts.submit, name="protocol_submit"),
    path("protocols/drafts/<uuid:draft_id>/discard/", protocol_drafts.discard, name="protocol_discard"),
    path("patients/<uuid:patient_id>/plan/", builder.plan, name="plan"),
    path("patients/<uuid:patient_id>/plan/preview/", builder.plan_preview, name="plan_preview"),
    path("courses/<uuid:course_id>/", course.course, name="course"),
    path("courses/<uuid:course_id>/change/", builder.plan_change, name="plan_change"),
    path("courses/<uuid:course_id>/sign/", course.plan_sign, name="plan_sign"),
    path("courses/<uuid:course_id>/discard/", course.plan_discard, name="plan_discard"),
    path("courses/<uuid:course_id>/dose/", dose_check.plan_check, name="plan_check"),
    path("courses/<uuid:course_id>/taper/", taper.taper, name="taper"),
    path("courses/<uuid:course_id>/why/", why.plan_why, name="plan_why"),
    path("courses/<uuid:course_id>/consent/", preparing.consent, name="consent"),
    path("courses/<uuid:course_id>/consent/print/", preparing.consent_print, name="consent_print"),
    path("courses/<uuid:course_id>/consent/withdraw/", preparing.consent_withdraw, name="consent_withdraw"),
    path("courses/<uuid:course_id>/comfort/", preparing.comfort, name="comfort"),
]
