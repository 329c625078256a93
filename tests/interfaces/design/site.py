"""A small site around the design system, without the rooms of the record: pages, search and a live stream."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path

from interlude.interfaces.design import samples
from interlude.interfaces.design.views import styleguide


class SampleClinic:
    name = "Clinic by the Park"
    time_zone = "Europe/Berlin"
    decimal_sign = "."
    is_demo = True


def with_clinic(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        request.clinic = SampleClinic()
        return get_response(request)

    return middleware


NAV = [
    {"url": "/", "label": "Today", "icon": "layout-dashboard", "current": True},
    {"url": "/portal", "label": "Patients", "icon": "users"},
]


def page(template: str) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        numbers = [{"label": "Emergency", "number": "112"}]
        context = {"palette_url": "/palette", "nav_items": NAV, "worklist_count": 2, "crisis_numbers": numbers}
        return render(request, template, context)

    return view


def palette(request: HttpRequest) -> JsonResponse:
    people = [("HAAS, Noor", "K-00012"), ("HAASE, Ute", "K-00013"), ("LIND, Theo", "K-00014")]
    asked = request.GET.get("q", "").lower()
    found = [
        {"title": name, "hint": number, "kind": "Patient", "url": f"/found/{number}"}
        for name, number in people
        if asked in name.lower()
    ]
    return JsonResponse({"results": found})


def found(request: HttpRequest, number: str) -> HttpResponse:
    return render(request, "design/plain.html", {"patient": samples.SamplePatient(number=number)})


urlpatterns = [
    path("", styleguide),
    path("staff", page("design/staff.html")),
    path("cockpit", page("design/cockpit.html")),
    path("portal", page("design/portal.html")),
    path("plain", page("design/plain.html")),
    path("palette", palette),
    path("found/<str:number>", found),
    path("live", page("design_test/live.html")),
]


@dataclass
class LiveServer:
    """A server-sent event stream that a test can silence, and that counts its readers."""

    url: str = ""
    ticking: bool = True
    closing: bool = False
    streams: dict[int, list[str]] = field(default_factory=dict)
    opened: int = 0
    waiting: list[dict[str, Any]] = field(default_factory=list)

    def publish(self, topic: str, event: str, **data: Any) -> None:
        self.waiting.append({"topic": topic, "event": event, "data": data, "at": datetime.now(UTC).isoformat()})

    async def stream(self, scope: Any, receive: Any, send: Any) -> None:
        topics = parse_qs(scope["query_string"].decode()).get("topics", [""])[0].split(",")
        self.opened += 1
        name = self.opened
        self.streams[name] = topics
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b": open\n\n", "more_body": True})
        gone = asyncio.ensure_future(_until_disconnect(receive))
        seen, ticked = len(self.waiting), 0.0
        try:
            while not gone.done() and not self.closing:
                messages = [m for m in self.waiting[seen:] if m["topic"] in topics]
                seen = len(self.waiting)
                if self.ticking and time.monotonic() - ticked > 1:
                    ticked = time.monotonic()
                    messages.append({"event": "tick", "at": datetime.now(UTC).isoformat()})
                for message in messages:
                    body = f"data: {json.dumps(message)}\n\n".encode()
                    await send({"type": "http.response.body", "body": body, "more_body": True})
                await asyncio.sleep(0.03)
            if not gone.done():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()
            self.streams.pop(name, None)


async def _until_disconnect(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@contextmanager
def serve() -> Iterator[LiveServer]:
    """Run the site on a free port of this machine, in a thread."""
    live = LiveServer()
    pages = ASGIStaticFilesHandler(get_asgi_application())

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == "/live/stream":
            await live.stream(scope, receive, send)
        else:
            await pages(scope, receive, send)

    config = uvicorn.Config(
        application, host="127.0.0.1", port=0, lifespan="off", log_level="error", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    live.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield live
    finally:
        live.closing = True
        server.should_exit = True
        thread.join(timeout=5)
