"""The batched writer: one commit for all that waits, no answer before it, none lost at the end."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime

import pytest

from interlude.codecs.mllp import RawFrame
from interlude.interfaces.gateway.writer import BatchWriter, WriterStopped

from .support import oru

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def raw(control: str) -> RawFrame:
    return RawFrame(oru(control), "127.0.0.1:9", AT)


def echo(raws: list[RawFrame]) -> list[bytes | None]:
    return [item.data for item in raws]


def test_all_that_waits_shares_one_batch_in_order() -> None:
    sizes: list[int] = []
    started, go = threading.Event(), threading.Event()

    def slow(raws: list[RawFrame]) -> list[bytes | None]:
        started.set()
        go.wait(5)
        sizes.append(len(raws))
        return echo(raws)

    async def scenario() -> list[bytes | None]:
        writer = BatchWriter(slow, max_batch=30)
        writer.start()
        first = asyncio.create_task(writer.submit(raw("first")))
        await asyncio.to_thread(started.wait, 5)
        rest = [asyncio.create_task(writer.submit(raw(str(n)))) for n in range(50)]
        await asyncio.sleep(0.05)
        assert writer.pending == 50
        go.set()
        answers = await asyncio.gather(first, *rest)
        await writer.astop()
        return answers

    answers = asyncio.run(scenario())
    assert sizes == [1, 30, 20]
    assert answers == [oru("first"), *(oru(str(n)) for n in range(50))]


def test_stopping_stores_what_was_taken_and_takes_no_more() -> None:
    stored: list[RawFrame] = []
    closed: list[str] = []

    def keep(raws: list[RawFrame]) -> list[bytes | None]:
        stored.extend(raws)
        return echo(raws)

    async def scenario() -> None:
        writer = BatchWriter(keep, at_exit=lambda: closed.append(threading.current_thread().name))
        with pytest.raises(WriterStopped):
            await writer.submit(raw("too early"))
        writer.start()
        tasks = [asyncio.create_task(writer.submit(raw(str(n)))) for n in range(20)]
        await asyncio.sleep(0)
        await writer.astop()
        assert [await task for task in tasks] == [oru(str(n)) for n in range(20)]
        with pytest.raises(WriterStopped):
            await writer.submit(raw("too late"))

    asyncio.run(scenario())
    assert len(stored) == 20
    assert closed == ["message-writer"]


@pytest.mark.parametrize("wrong", [[], [b"a", b"b", b"c"]])
def test_a_wrong_number_of_answers_is_never_taken_for_an_acknowledgement(wrong: list[bytes | None]) -> None:
    async def scenario() -> bytes | None:
        writer = BatchWriter(lambda raws: wrong)
        writer.start()
        answer = await writer.submit(raw("1"))
        await writer.astop()
        return answer

    answer = asyncio.run(scenario())
    assert answer is not None
    assert b"MSA|CE|1" in answer


def test_an_abandoned_wait_does_not_stop_the_others() -> None:
    go = threading.Event()

    def slow(raws: list[RawFrame]) -> list[bytes | None]:
        go.wait(5)
        return echo(raws)

    async def scenario() -> bytes | None:
        writer = BatchWriter(slow)
        writer.start()
        left = asyncio.create_task(writer.submit(raw("left")))
        stays = asyncio.create_task(writer.submit(raw("stays")))
        await asyncio.sleep(0.05)
        left.cancel()
        go.set()
        answer = await stays
        await writer.astop()
        return answer

    assert asyncio.run(scenario()) == oru("stays")
