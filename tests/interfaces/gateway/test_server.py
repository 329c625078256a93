"""The listener over real sockets: order, isolation, faults, limits, and answers only after storing."""

from __future__ import annotations

import asyncio
import logging
import socket
import time

import pytest

from interlude.interfaces.gateway.server import GatewayServer

from .support import VIENNA, Device, Store, gateway, oru


def test_a_message_is_stored_then_acknowledged() -> None:
    store = Store()
    with gateway(store) as server, Device(server.port) as device:
        store.gate.clear()
        device.send(oru("77"))
        assert device.answer(0.3) == ("silence", "")
        store.gate.set()
        assert device.answer() == ("CA", "77")
    (raw,) = store.frames
    assert raw.data == oru("77")
    assert raw.peer.startswith("127.0.0.1:")
    assert raw.received_at.tzinfo is not None
    assert raw.default_zone is VIENNA


def test_answers_come_in_the_order_of_the_messages() -> None:
    store = Store()
    with gateway(store) as server, Device(server.port) as device:
        device.send(*(oru(str(n), modes="AL|NE" if n % 2 else "|") for n in range(60)))
        got = [device.answer() for _ in range(60)]
    assert got == [("CA" if n % 2 else "AA", str(n)) for n in range(60)]
    assert [raw.data for raw in store.frames] == [oru(str(n), modes="AL|NE" if n % 2 else "|") for n in range(60)]


def test_a_frame_cut_into_many_reads_and_two_messages_in_one_frame() -> None:
    store = Store()
    with gateway(store) as server, Device(server.port) as device:
        for byte in b"\x0b" + oru("1") + oru("2") + b"\x1c\r":
            device.send_raw(bytes([byte]))
        assert [device.answer(), device.answer()] == [("CA", "1"), ("CA", "2")]
    assert all("several-messages" in raw.faults for raw in store.frames)


def test_garbage_is_answered_and_the_connection_stays() -> None:
    store = Store()
    with gateway(store) as server, Device(server.port) as device:
        device.send(b"not hl7 at all")
        assert device.answer() == ("AR", "")
        device.send_raw(b"line noise \xff\xfe\r\n")
        device.send(oru("2"))
        assert device.answer() == ("CA", "2")
        device.send_raw(b"\x0b\x1c\r")  # heartbeat
        device.send(b"MSH|^~\\&|A|B|||1||ADT^A08|9|P|2.5")
        assert device.answer() == ("AR", "9")
        device.send_raw(b"\x0bMSH|^~\\&|HALF")
        device.send(oru("3"))
        assert device.answer() == ("CA", "3")
        assert server.counts["heartbeat"] == 1
    assert [raw.faults for raw in store.frames if raw.faults] == [("junk",), ("unfinished",)]


def test_an_acknowledgement_is_stored_and_not_answered() -> None:
    store = Store()
    with gateway(store) as server, Device(server.port) as device:
        device.send(b"MSH|^~\\&|A|B|||1||ACK|9|P|2.5\rMSA|AA|1", oru("2"))
        assert device.answer() == ("CA", "2")
    assert len(store.frames) == 2


def test_a_message_without_framing_is_taken_when_the_sender_closes() -> None:
    store = Store()
    with gateway(store) as server, Device(server.port) as device:
        device.send_raw(oru("5").replace(b"\r", b"\n"))
        device.socket.shutdown(socket.SHUT_WR)
        assert device.answer() == ("CA", "5")
        assert device.answer() == ("closed", "")
    assert store.frames[0].faults == ("unframed",)


def test_an_oversize_frame_is_rejected_at_once_and_the_next_is_taken() -> None:
    store = Store()
    with gateway(store, max_frame=20_000) as server, Device(server.port) as device:
        device.send_raw(b"\x0b" + oru("BIG") + b"NTE|" + b"x" * 50_000)
        assert device.answer() == ("CR", "BIG")
        device.send_raw(b"x" * 50_000 + b"\x1c\r")
        device.send(oru("2"))
        assert device.answer() == ("CA", "2")
    assert store.frames[0].faults == ("oversize",)
    assert len(store.frames[0].data) == 4096


def test_a_failing_message_is_answered_with_an_error_and_others_are_stored(caplog: pytest.LogCaptureFixture) -> None:
    store = Store()
    store.fail = b"poison"
    caplog.set_level(logging.CRITICAL)
    with gateway(store) as server, Device(server.port) as bad, Device(server.port) as good:
        store.gate.clear()
        bad.send(oru("1"))  # keeps the writer busy, so that the next three share a batch
        time.sleep(0.2)
        bad.send(oru("2", value="poison"), oru("3", value="poison", modes="|"))
        good.send(oru("4"))
        time.sleep(0.2)
        store.gate.set()
        assert [bad.answer() for _ in range(3)] == [("CA", "1"), ("CE", "2"), ("AE", "3")]
        assert good.answer() == ("CA", "4")
        bad.send(oru("5"))
        assert bad.answer() == ("CA", "5")
    assert [len(batch) for batch in store.batches] == [1, 1, 1]


def test_a_device_that_breaks_off_disturbs_no_other() -> None:
    store = Store()
    store.delay = 0.05
    with gateway(store) as server, Device(server.port) as good:
        for n in range(10):
            with Device(server.port) as rude:
                rude.send(oru(f"r{n}"))
                rude.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            good.send(oru(str(n)))
            assert good.answer() == ("CA", str(n))


def test_back_pressure_holds_messages_in_the_sockets() -> None:
    store = Store()
    with gateway(store, max_pending=5, max_batch=3) as server, Device(server.port) as device:
        store.gate.clear()
        device.send(*(oru(str(n)) for n in range(200)))
        time.sleep(0.2)
        assert device.answer(0.1) == ("silence", "")
        store.gate.set()
        assert [device.answer() for _ in range(200)] == [("CA", str(n)) for n in range(200)]
    assert max(len(batch) for batch in store.batches) <= 3


def test_what_was_received_is_answered_when_the_listener_stops() -> None:
    store = Store()
    store.delay = 0.3
    with gateway(store) as server:
        device = Device(server.port)
        device.send(oru("last"))
        time.sleep(0.1)
    assert device.answer() == ("CA", "last")
    assert device.answer() == ("closed", "")
    device.socket.close()
    assert len(store.frames) == 1


def test_an_idle_connection_is_closed() -> None:
    with gateway(Store(), idle_timeout=0.2) as server, Device(server.port) as device:
        assert device.answer() == ("closed", "")
        assert server.counts["idle"] == 1


@pytest.mark.parametrize(("allow", "served"), [(["127.0.0.0/8"], True), (["10.1.2.3"], False), ([], True)])
def test_only_allowed_addresses_are_served(allow: list[str], served: bool) -> None:
    store = Store()
    with gateway(store, allow=allow) as server, Device(server.port) as device:
        device.send(oru("1"))
        assert device.answer()[0] == ("CA" if served else "closed")
    assert len(store.frames) == served


def test_a_taken_port_is_an_error_at_start() -> None:
    with gateway(Store()) as server:
        second = GatewayServer("127.0.0.1", server.port, sink=None, default_zone=VIENNA)  # type: ignore[arg-type]
        with pytest.raises(OSError, match="in use"):
            asyncio.run(second.start())


def test_many_devices_at_once_lose_nothing() -> None:
    store = Store()
    with gateway(store) as server:
        devices = [Device(server.port) for _ in range(20)]
        for n in range(10):
            for index, device in enumerate(devices):
                device.send(oru(f"{index}-{n}"))
            for index, device in enumerate(devices):
                assert device.answer() == ("CA", f"{index}-{n}")
        for device in devices:
            device.socket.close()
    assert len(store.frames) == 200
    assert len(store.batches) < 200
