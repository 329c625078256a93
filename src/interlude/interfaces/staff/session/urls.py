from __future__ import annotations

from django.urls import path

from interlude.interfaces.staff.session.views import charting, check_in, cockpit, gate, recovery, report, running, today

urlpatterns = [
    path("", today.today, name="today"),
    path("today/board", today.board, name="today_board"),
    path("appointments/<uuid:appointment_id>/check-in", check_in.check_in, name="check_in"),
    path("sessions/<uuid:session_id>/gate", gate.gate, name="gate"),
    path("sessions/<uuid:session_id>/gate/answer", gate.answer, name="gate_answer"),
    path("sessions/<uuid:session_id>/order", gate.order, name="session_order"),
    path("sessions/<uuid:session_id>/start", gate.start, name="session_start"),
    path("sessions/<uuid:session_id>/cancel", gate.cancel, name="session_cancel"),
    path("sessions/<uuid:session_id>", cockpit.cockpit, name="cockpit"),
    path("sessions/<uuid:session_id>/panel", cockpit.panel, name="session_panel"),
    path("sessions/<uuid:session_id>/chart.json", cockpit.chart_json, name="session_chart"),
    path("sessions/<uuid:session_id>/preview.json", cockpit.preview_json, name="session_preview"),
    path("sessions/<uuid:session_id>/rate", running.rate, name="session_rate"),
    path("sessions/<uuid:session_id>/pause", running.pause, name="session_pause"),
    path("sessions/<uuid:session_id>/resume", running.resume, name="session_resume"),
    path("sessions/<uuid:session_id>/stop", running.stop, name="session_stop"),
    path("sessions/<uuid:session_id>/complete", running.complete, name="session_complete"),
    path("sessions/<uuid:session_id>/pump", running.pump, name="session_pump"),
    path("sessions/<uuid:session_id>/rest", running.rest, name="session_rest"),
    path("sessions/<uuid:session_id>/event", charting.event, name="session_event"),
    path("sessions/<uuid:session_id>/vitals", charting.vitals, name="session_vitals"),
    path("sessions/<uuid:session_id>/score/<slug:scale>", charting.score, name="session_score"),
    path("sessions/<uuid:session_id>/recovery", recovery.recovery, name="recovery"),
    path("sessions/<uuid:session_id>/recovery/answer", recovery.answer, name="recovery_answer"),
    path("sessions/<uuid:session_id>/recovery/score/<slug:scale>", recovery.score, name="recovery_score"),
    path("sessions/<uuid:session_id>/recovery/vitals", recovery.vitals, name="recovery_vitals"),
    path("sessions/<uuid:session_id>/discharge", recovery.discharge, name="session_discharge"),
    path("sessions/<uuid:session_id>/leave", recovery.leave, name="session_leave"),
    path("sessions/<uuid:session_id>/discharge.pdf", report.discharge_sheet, name="session_discharge_sheet"),
    path("sessions/<uuid:session_id>/report", report.report, name="session_report"),
]
