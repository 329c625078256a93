from __future__ import annotations

from django.urls import path

from interlude.interfaces.staff.evidence import views

urlpatterns = [
    path("studies/", views.studies, name="studies"),
    path("studies/all/", views.all_studies, name="studies_all"),
    path("studies/how-long/", views.lasting, name="studies_lasting"),
    path("studies/statements/", views.statements, name="studies_statements"),
    path("studies/why/", views.mechanism, name="studies_why"),
    path("studies/about/<slug:indication>/", views.about, name="studies_of"),
    path("studies/study/<slug:study_id>/", views.study, name="study"),
]
