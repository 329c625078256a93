"""Addresses of the patient's pages. Nothing in them says what the page is about."""

from __future__ import annotations

from django.urls import URLPattern, path

from interlude.interfaces.portal.views import entrance, home, measures, preparing, progress, questions, studies

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("o/<str:token>", entrance.open_portal, name="open"),
    path("closed", entrance.ended, name="ended"),
    path("leave", entrance.leave, name="leave"),
    path("language", entrance.language, name="language"),
    path("help", entrance.help_now, name="help"),
    path("agreement", preparing.consent, name="consent"),
    path("agreement/<uuid:consent_id>", preparing.signed_consent, name="signed_consent"),
    path("ride", preparing.driver, name="driver"),
    path("wishes", preparing.comfort, name="comfort"),
    path("questions", questions.questions, name="questions"),
    path("q/<uuid:assignment_id>", measures.begin, name="measure_begin"),
    path("q/<uuid:assignment_id>/<int:item>", measures.measure, name="measure"),
    path("q/<uuid:assignment_id>/<int:item>/now", measures.talk_now, name="talk_now"),
    path("q/<uuid:assignment_id>/check", measures.review, name="measure_review"),
    path("q/<uuid:assignment_id>/sent", measures.sent, name="measure_sent"),
    path("progress", progress.progress, name="progress"),
    path("studies", studies.studies, name="studies"),
    path("studies/<int:number>", studies.about, name="studies_about"),
]
