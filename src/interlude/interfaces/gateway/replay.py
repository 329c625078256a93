"""`interlude replay FILE... --to HOST:PORT`: send recorded messages at their own pace and count the
answers.

Files hold raw messages (segments ended by CR, LF or both, several in one file) or MLLP frames. The pace is
the difference of MSH-7 between neighbours; where it is missing or runs backwards it is one second, so it is
between two recordings that lie more than an hour apart."""

from __future__ import annotations

import argparse
import math
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import TextIO

from interlude.codecs.hl7v2 import Header, codes_due, parse, parse_dtm, split_messages
from interlude.codecs.mllp import VT, Frame, FrameReader, Oversize, frame
from interlude.interfaces.gateway.texts import gettext as _

DEFAULT_GAP_S = 1.0
LONGEST_GAP_S = 3_600.0
ANSWER_TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 5.0


class BadFile(ValueError):
    """A file that cannot be replayed; the text is one line for the user."""


def address(text: str) -> tuple[str, int]:
    """HOST:PORT as argparse type; an IPv6 host stands in brackets."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65_536:
        raise argparse.ArgumentTypeError(_("'{text}' is not HOST:PORT, such as 127.0.0.1:2575").format(text=text))
    return host.removeprefix("[").removesuffix("]"), int(port)


def positive(text: str) -> float:
    """A number above zero as argparse type."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(_("'{text}' is not a number above 0").format(text=text))
    return value


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `interlude replay`."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=_("raw or MLLP-framed HL7 messages"))
    parser.add_argument("--to", type=address, required=True, metavar="HOST:PORT", help=_("the MLLP listener"))
    parser.add_argument("--speed", type=positive, default=1.0, metavar="N", help=_("N times as fast (default 1)"))
    parser.add_argument(
        "--timeout",
        type=positive,
        default=ANSWER_TIMEOUT_S,
        metavar="SECONDS",
        help=_("how long to wait for an answer (default 10)"),
    )


def messages_of(content: bytes) -> list[bytes]:
    """The messages of one file, without framing. A framed payload without a header is a message, too."""
    if VT not in content:
        return [message.strip(b"\r\n\x1c") for message in split_messages(content) if parse(message)]
    reader = FrameReader(max_frame=max(1, len(content)))
    events = [*reader.feed(content), *reader.close()]
    payloads = [event.data for event in events if isinstance(event, Frame)]
    assert not any(isinstance(event, Oversize) for event in events)
    return [message for payload in payloads for message in split_messages(payload)]


def gaps_s(messages: Sequence[bytes]) -> list[float]:
    """Seconds to wait before each message, at speed 1; the first is sent at once."""
    gaps: list[float] = []
    before: float | None = None
    for raw in messages:
        message = parse(raw)
        sent = parse_dtm(Header.of(message).sent_at_raw, UTC) if message else None
        now = sent.at.timestamp() if sent else None
        gap = now - before if now is not None and before is not None else -1.0
        gaps.append(gap if 0 <= gap <= LONGEST_GAP_S else DEFAULT_GAP_S)
        before = now
    return [0.0, *gaps[1:]] if gaps else []


@dataclass
class Result:
    """What came back. `missing` counts answers that were due and never came."""

    sent: int = 0
    missing: int = 0
    none_due: int = 0
    problem: str = ""  # the last thing that the network said
    answers: Counter[str] = field(default_factory=Counter)


class _Link:
    """One connection that is made again when it breaks."""

    def __init__(self, to: tuple[str, int], timeout: float) -> None:
        self._to = to
        self._timeout = timeout
        self._socket: socket.socket | None = None
        self._frames = FrameReader()
        self._answers: list[bytes] = []

    def send(self, message: bytes) -> None:
        """Raises OSError."""
        if self._socket is not None and self._hung_up():
            self.drop()
        if self._socket is None:
            self._socket = socket.create_connection(self._to, timeout=CONNECT_TIMEOUT_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._frames = FrameReader()
        self._socket.settimeout(self._timeout)
        self._socket.sendall(frame(message))

    def answer(self, timeout: float) -> bytes | None:
        """The next answer; None when none comes in time. Raises OSError when the connection breaks."""
        deadline = time.monotonic() + timeout
        while not self._answers:
            left = deadline - time.monotonic()
            if left <= 0 or self._socket is None:
                return None
            self._socket.settimeout(left)
            try:
                data = self._socket.recv(65_536)
            except TimeoutError:
                return None
            if not data:
                raise ConnectionResetError
            self._answers += [event.data for event in self._frames.feed(data) if isinstance(event, Frame)]
        return self._answers.pop(0)

    def _hung_up(self) -> bool:
        """The listener closed the connection after its last answer."""
        assert self._socket is not None
        self._socket.settimeout(0.0)
        try:
            return self._socket.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def drop(self) -> None:
        """Close; the next `send` connects again."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._answers.clear()


def replay(
    messages: Sequence[bytes],
    to: tuple[str, int],
    *,
    speed: float = 1.0,
    timeout: float = ANSWER_TIMEOUT_S,
    progress: TextIO | None = None,
) -> Result:
    """Send the messages and wait for each answer that is due."""
    result = Result()
    link = _Link(to, timeout)
    started = reported = time.monotonic()
    due_at = started
    for raw, gap in zip(messages, gaps_s(messages), strict=True):
        due_at += gap / speed
        while (wait := due_at - time.monotonic()) > 0:
            time.sleep(min(wait, 1.0))
            reported = _report(progress, result, len(messages), reported)
        _exchange(link, raw, result, timeout)
        reported = _report(progress, result, len(messages), reported)
    try:  # answers that nobody waited for
        while (late := link.answer(0.05)) is not None:
            result.answers[_code_of(late)] += 1
    except OSError:
        pass
    link.drop()
    return result


def run(args: argparse.Namespace, *, out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Replay the files; 0 when every due answer came, 1 when any is missing, 2 for a file that cannot be
    used."""
    out, err = out or sys.stdout, err or sys.stderr
    try:
        messages = [message for path in args.files for message in _read(path)]
    except BadFile as problem:
        print(f"interlude replay: {problem}", file=err)
        return 2
    result = replay(messages, args.to, speed=args.speed, timeout=args.timeout, progress=err)
    for line in summary(result):
        print(line, file=out)
    if result.missing:
        host, port = args.to
        reason = result.problem or _("no answer within {seconds} s").format(seconds=f"{args.timeout:g}")
        print(_("{host}:{port}: {reason}").format(host=host, port=port, reason=reason), file=err)
    return 1 if result.missing else 0


def summary(result: Result) -> Iterable[str]:
    """The answers by code, one line each."""
    yield _("Messages sent: {count}").format(count=result.sent)
    for code, count in sorted(result.answers.items()):
        yield f"{code}: {count}"
    if result.none_due:
        yield _("No answer due: {count}").format(count=result.none_due)
    if result.missing:
        yield _("Answers missing: {count}").format(count=result.missing)


def _read(path: Path) -> list[bytes]:
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise BadFile(
            _("{path} cannot be read: {reason}").format(path=path, reason=problem.strerror or problem)
        ) from None
    found = messages_of(content)
    if not found:
        raise BadFile(_("{path} holds no HL7 message.").format(path=path))
    return found


def _exchange(link: _Link, raw: bytes, result: Result, timeout: float) -> None:
    message = parse(raw)
    header = Header.of(message) if message else None
    # Refused or accepted is the receiver's matter; what is due at least is what both have in common.
    expected = min(len(codes_due(header, None)), 1)
    result.sent += 1
    result.none_due += 1 - expected
    try:
        link.send(raw)
        for _n in range(expected):
            answer = link.answer(timeout)
            if answer is None:
                result.missing += 1
                link.drop()  # a late answer must not be taken for the next message's
                return
            result.answers[_code_of(answer)] += 1
    except OSError as problem:
        result.missing += expected
        result.problem = problem.strerror or _("the connection was closed")
        link.drop()


def _code_of(answer: bytes) -> str:
    message = parse(answer)
    segment = message.first("MSA") if message else None
    return (segment.component(1, 1).strip() if segment else "") or "?"


def _report(progress: TextIO | None, result: Result, total: int, reported: float) -> float:
    """One line of progress a second at most."""
    now = time.monotonic()
    if progress is None or now - reported < 1.0:
        return reported
    on_terminal = progress.isatty()
    line = _("{sent} of {total} messages sent").format(sent=result.sent, total=total)
    print(line, end="\r" if on_terminal else "\n", file=progress, flush=True)
    return now


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m interlude.interfaces.gateway.replay`."""
    parser = argparse.ArgumentParser(prog="interlude replay", description=__doc__)
    add_arguments(parser)
    return run(parser.parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
