"""The style guide: every component in every state on one page, to look at and to test against."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from interlude.interfaces.design import samples


def styleguide(request: HttpRequest) -> HttpResponse:
    return render(request, "design/styleguide.html", samples.context(timezone.now()))
