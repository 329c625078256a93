"""`interlude replay`: files in every form, pace, counted answers, exit codes."""

from __future__ import annotations

import argparse
import io
import socket
import threading
import time
from pathlib import Path

import pytest

from interlude.codecs.mllp import frame
from interlude.interfaces.gateway import replay

from .support import Store, gateway, oru


def run(paths: list[Path], port: int, *more: str) -> tuple[int, str, str]:
    parser = argparse.ArgumentParser()
    replay.add_arguments(parser)
    out, err = io.StringIO(), io.StringIO()
    args = parser.parse_args([*map(str, paths), "--to", f"127.0.0.1:{port}", *more])
    return replay.run(args, out=out, err=err), out.getvalue(), err.getvalue()


ONE, TWO = oru("1"), oru("2", sent="20260302093004+0000")
FORMS = {
    "raw, CR": ONE + TWO,
    "raw, LF": (ONE + TWO).replace(b"\r", b"\n"),
    "raw, CR LF": (ONE + TWO).replace(b"\r", b"\r\n"),
    "raw, blank lines between": ONE + b"\r\r\n" + TWO,
    "framed": frame(ONE) + frame(TWO),
    "framed, line ends between": frame(ONE) + b"\n" + frame(TWO) + b"\n",
    "two in one frame": frame(ONE + TWO),
}


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS.keys())
def test_every_form_of_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "recording.hl7"
    path.write_bytes(content)
    store = Store()
    with gateway(store) as server:
        code, out, _ = run([path], server.port, "--speed", "1000")
    assert code == 0
    assert out.splitlines() == ["Messages sent: 2", "CA: 2"]
    assert len(store.frames) == 2


def test_answers_are_counted_by_code(tmp_path: Path) -> None:
    path = tmp_path / "mixed.hl7"
    parts = [
        oru("1"),
        oru("2", modes="|"),
        oru("3", modes="AL|AL"),
        oru("4", modes="NE|NE"),
        b"MSH|^~\\&|A|B|||20260302||ADT^A08|5|P|2.5\r",
        b"MSH|^~\\&|A|B|||20260302||ACK|6|P|2.5\rMSA|AA|1\r",
        b"no header at all",
    ]
    path.write_bytes(b"".join(frame(part) for part in parts))
    with gateway(Store()) as server:
        code, out, _ = run([path], server.port, "--speed", "1000")
    assert code == 0
    assert out.splitlines() == ["Messages sent: 7", "AA: 2", "AR: 2", "CA: 2", "No answer due: 2"]


def test_the_pace_follows_msh_7_and_is_one_second_where_it_cannot() -> None:
    stamps = ["20260302093004+0000", "20260302093006+0000", "20260302093006.5+0000", "20260302093000+0000", "",
              "20260302093000+0000", "20270302093000+0000"]  # fmt: skip
    messages = [oru(str(n), sent=stamp) for n, stamp in enumerate(stamps)]
    assert replay.gaps_s(messages) == [0.0, 2.0, 0.5, 1.0, 1.0, 1.0, 1.0]
    assert replay.gaps_s([]) == []


def test_speed_divides_the_pace(tmp_path: Path) -> None:
    path = tmp_path / "paced.hl7"
    path.write_bytes(b"".join(oru(str(n), sent=f"202603020930{n:02d}+0000") for n in range(0, 12, 2)))
    with gateway(Store()) as server:
        started = time.monotonic()
        code, _, err = run([path], server.port, "--speed", "5")
        spent = time.monotonic() - started
    assert code == 0
    assert 2.0 <= spent < 4.0
    assert "of 6 messages sent" in err


def test_a_missing_answer_is_exit_1(tmp_path: Path) -> None:
    path = tmp_path / "one.hl7"
    path.write_bytes(ONE + TWO)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        code, out, err = run([path], mute.getsockname()[1], "--timeout", "0.2", "--speed", "100")
    assert code == 1
    assert "no answer within 0.2 s" in err
    assert out.splitlines() == ["Messages sent: 2", "Answers missing: 2"]


def test_a_listener_that_hangs_up_is_reached_again(tmp_path: Path) -> None:
    path = tmp_path / "three.hl7"
    path.write_bytes(b"".join(oru(str(n)) for n in range(3)))

    def rude(server: socket.socket) -> None:
        for number in range(3):
            peer, _ = server.accept()
            with peer:
                peer.recv(65_536)
                if number != 1:
                    peer.sendall(frame(b"MSH|^~\\&|X\rMSA|AA|0"))

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=rude, args=(server,))
        thread.start()
        code, out, _ = run([path], server.getsockname()[1], "--timeout", "2", "--speed", "10")
        thread.join(5)
    assert code == 1
    assert out.splitlines() == ["Messages sent: 3", "AA: 2", "Answers missing: 1"]


def test_nobody_listening_is_exit_1(tmp_path: Path) -> None:
    path = tmp_path / "one.hl7"
    path.write_bytes(ONE)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    code, out, err = run([path], port)
    assert code == 1
    assert "refused" in err
    assert "Answers missing: 1" in out


@pytest.mark.parametrize("content", [b"", b"just text\n"])
def test_a_file_without_a_message_is_exit_2_and_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "empty.hl7"
    path.write_bytes(content)
    code, out, err = run([path], 9)
    assert (code, out, err) == (2, "", f"interlude replay: {path} holds no HL7 message.\n")


def test_an_unreadable_file_is_exit_2_and_one_line(tmp_path: Path) -> None:
    code, _, err = run([tmp_path / "none.hl7"], 9)
    assert code == 2
    assert err.count("\n") == 1
    assert "cannot be read" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["x.hl7"],
        ["--to", "127.0.0.1:1"],
        ["x.hl7", "--to", "localhost"],
        ["x.hl7", "--to", "localhost:0"],
        ["x.hl7", "--to", "localhost:70000"],
        ["x.hl7", "--to", ":2575"],
        ["x.hl7", "--to", "localhost:2575", "--speed", "0"],
        ["x.hl7", "--to", "localhost:2575", "--speed", "-1"],
        ["x.hl7", "--to", "localhost:2575", "--speed", "nan"],
        ["x.hl7", "--to", "localhost:2575", "--speed", "fast"],
    ],
)
def test_bad_arguments_are_exit_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser(prog="interlude replay", usage="")
    replay.add_arguments(parser)
    with pytest.raises(SystemExit) as stopped:
        parser.parse_args(arguments)
    assert stopped.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_an_ipv6_host_stands_in_brackets() -> None:
    assert replay.address("[::1]:2575") == ("::1", 2575)
