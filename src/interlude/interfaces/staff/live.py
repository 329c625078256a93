"""The stream of live events: one per browser, shared between its tabs by `live.js`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from interlude.record.accounts.models import StaffMember
from interlude.record.dosing.queries import sessions_for
from interlude.record.live import Subscription, hub

TICK_S = 1.0
MOST_TOPICS = 400
SHARED_TOPICS = {
    "today": {"physician", "nurse", "therapist", "front_desk"},
    "worklist": {"physician", "nurse", "therapist", "front_desk", "pharmacy", "administrator", "researcher"},
    "devices": {"physician", "nurse", "administrator"},
}


async def live(request: HttpRequest) -> StreamingHttpResponse:
    """`?topics=a,b`: every committed change of these topics, and a tick each second that carries the time."""
    user = await request.auser()
    assert isinstance(user, StaffMember)  # the role file let only staff in
    asked = [topic for topic in request.GET.get("topics", "").split(",") if topic][:MOST_TOPICS]
    # One stream serves all tabs: a topic that is not allowed, or not any more, must not silence the others.
    allowed = await sync_to_async(_allowed)(user, asked)
    response = StreamingHttpResponse(_stream(allowed), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _allowed(user: StaffMember, topics: list[str]) -> list[str]:
    """The topics that this person may hear: a session's only when the session is visible."""
    session_ids: dict[str, str] = {}
    allowed = []
    for topic in topics:
        kind, _colon, key = topic.partition(":")
        if not key and user.access_roles & SHARED_TOPICS.get(topic, set()):
            allowed.append(topic)
        elif kind == "session":
            try:
                session_ids[str(UUID(key))] = topic
            except ValueError:
                continue
    if session_ids:
        visible = sessions_for(user).filter(pk__in=session_ids).values_list("pk", flat=True)
        allowed += [session_ids[str(pk)] for pk in visible]
    return allowed


def _format(payload: dict[str, object]) -> bytes:
    return f"data: {json.dumps(payload, separators=(',', ':'))}\n\n".encode()


async def _stream(topics: list[str]) -> AsyncIterator[bytes]:
    subscription = hub.subscribe(topics)
    try:
        yield _format({"event": "tick", "at": timezone.now().isoformat()})
        async for chunk in _chunks(subscription):
            yield chunk
    finally:
        hub.unsubscribe(subscription)


async def _chunks(subscription: Subscription) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    next_tick = loop.time() + TICK_S
    while True:
        try:
            message = await asyncio.wait_for(subscription.queue.get(), max(0.0, next_tick - loop.time()))
        except TimeoutError:
            next_tick = loop.time() + TICK_S
            yield _format({"event": "tick", "at": timezone.now().isoformat()})
            continue
        if message is None:
            return
        yield _format(message.as_dict())
