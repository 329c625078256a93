from __future__ import annotations

from django.urls import path

from interlude.interfaces.staff.followup import deciding, integration, summary

urlpatterns = [
    path("sessions/<uuid:session_id>/integration", integration.integration, name="integration"),
    path("courses/<uuid:course_id>/next", deciding.next_decision, name="next_decision"),
    path("courses/<uuid:course_id>/summary.pdf", summary.course_summary, name="course_summary"),
]
