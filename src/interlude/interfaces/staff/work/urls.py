from __future__ import annotations

from django.urls import path

from interlude.interfaces.staff.work import views

urlpatterns = [
    path("tasks", views.worklist, name="worklist"),
    path("tasks/<uuid:task_id>", views.task, name="task"),
    path("find", views.find, name="find"),
]
