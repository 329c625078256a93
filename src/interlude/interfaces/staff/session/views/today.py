"""The day's board and its live refresh."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from interlude.interfaces.staff.requests import StaffRequest
from interlude.interfaces.staff.session.board import board as read_board


def today(request: StaffRequest) -> HttpResponse:
    return render(request, "staff/session/today.html", {"board": read_board(request.user, timezone.now())})


def board(request: StaffRequest) -> HttpResponse:
    """The board alone, for its refresh."""
    return render(request, "staff/session/board.html", {"board": read_board(request.user, timezone.now())})
