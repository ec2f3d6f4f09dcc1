"""Is the server there, is it the right one, is it well, and do its clock and ours agree?

    name --> TCP --> TLS with the key that the invite named --> GET /healthz --> status, Date

Does not log in: see login.py.
"""

import socket
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from time import time

import trio

from ptt.client.credentials import Credential
from ptt.errors import ServerKeyMismatchError, ServerUnreachableError
from ptt.net.pinned_tls import HttpAnswer, PinnedStream, get, open_pinned
from ptt_desk.checks import names
from ptt_desk.checks.finding import Finding, failed, ok, problem, skipped, warning

# Implementation
NAME_WITHIN = 4.0  # s
CONNECT_WITHIN = 5.0  # s for connection and handshake
ANSWER_WITHIN = 3.0  # s
CLOCK_TOLERANCE = 60.0  # s; beyond that log lines of both sides do not fit together
_HEALTH_PATH = "/healthz"
_OK, _NOT_READY = 200, 503


async def check_reach(
    credential: Credential, wall_clock: Callable[[], float] = time
) -> list[Finding]:
    """Findings of names.REACH. `wall_clock`: seconds since 1970 of this machine."""
    name = await _look_up(credential.host)
    if name is None:
        advice = "write it as in the invite, and see that this computer is in the server's network"
        return [
            problem(names.SERVER_NAME, f"The name {credential.host} leads nowhere", advice),
            *skipped(names.REACH[1:], "the server's address is not known"),
        ]
    return [name, *await _connect(credential, wall_clock)]


async def _look_up(host: str) -> Finding | None:
    with trio.move_on_after(NAME_WITHIN):
        try:
            found = await trio.socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return None
        addresses = ", ".join(dict.fromkeys(str(entry[4][0]) for entry in found))
        return ok(names.SERVER_NAME, f"{host} has the address {addresses}", addresses=addresses)
    return None


async def _connect(credential: Credential, wall_clock: Callable[[], float]) -> list[Finding]:
    began = trio.current_time()
    try:
        with trio.fail_after(CONNECT_WITHIN):
            stream = await open_pinned(credential.host, credential.port, credential.key_hash)
    except ServerKeyMismatchError as error:
        untrusted = skipped(names.REACH[3:], "this is not the server that invited this device")
        return [_answers(credential, began), _other_key(error), *untrusted]
    except (ServerUnreachableError, trio.TooSlowError) as error:
        return [_nobody(credential, error), *skipped(names.REACH[2:], "nobody answers by TCP")]
    try:
        trusted = ok(names.SERVER_KEY, "It proved the key that the invite named")
        return [_answers(credential, began), trusted, *await _ask(stream, credential, wall_clock)]
    finally:
        await trio.aclose_forcefully(stream)


def _answers(credential: Credential, began: float) -> Finding:
    seconds = trio.current_time() - began
    sentence = f"It answers at TCP port {credential.port} within {1000 * seconds:.0f} ms"
    return ok(names.SERVER, sentence, port=credential.port, seconds=seconds)


def _other_key(error: ServerKeyMismatchError) -> Finding:
    del error
    return problem(
        names.SERVER_KEY,
        "The server that answers has another key than the one that invited this device",
        "do not talk there; ask whoever runs it, and for a new invite if it was set up anew",
    )


def _nobody(credential: Credential, error: BaseException) -> Finding:
    where = f"TCP port {credential.port} of {credential.host}"
    if _was_refused(error):
        advice = "start pttd there, or ask for a new invite if it has moved"
        return problem(names.SERVER, f"Nothing listens at {where}", advice, refused=True)
    if isinstance(error, ServerUnreachableError) and not isinstance(error.__cause__, OSError):
        return failed(names.SERVER, error)
    return problem(
        names.SERVER,
        f"No answer from {where}",
        "see that the server runs, that this computer is in its network, "
        "and that no firewall stops TCP to that port",
        refused=False,
    )


def _was_refused(error: BaseException | None) -> bool:
    """Whether the machine itself said that nobody listens there."""
    while error is not None:
        inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
        if isinstance(error, ConnectionRefusedError) or any(map(_was_refused, inner)):
            return True
        error = error.__cause__
    return False


async def _ask(
    stream: PinnedStream, credential: Credential, wall_clock: Callable[[], float]
) -> list[Finding]:
    sooner = wall_clock()
    try:
        with trio.fail_after(ANSWER_WITHIN):
            answer = await get(stream, credential.host, credential.port, _HEALTH_PATH)
    except (ServerUnreachableError, trio.TooSlowError):
        advice = "look at the server's log, or restart it"
        silent = problem(names.FLOOR_SERVER, "The server does not say how it is", advice)
        return [silent, *skipped(names.CLOCK, "the server did not tell the time")]
    return [_health(answer), _clock(answer, (sooner + wall_clock()) / 2)]


def _health(answer: HttpAnswer) -> Finding:
    if answer.status == _OK:
        return ok(names.FLOOR_SERVER, "The server is ready for voice", status=answer.status)
    reason = (
        "its floor server is not running"
        if answer.status == _NOT_READY
        else f"HTTP {answer.status} instead of its health"
    )
    return problem(
        names.FLOOR_SERVER,
        f"The server is not ready for voice ({reason})",
        "wait a minute, then look at the server's log",
        status=answer.status,
    )


def _clock(answer: HttpAnswer, here: float) -> Finding:
    try:
        there = parsedate_to_datetime(answer.date).timestamp()
    except ValueError:
        return skipped(names.CLOCK, "the server did not tell the time")[0]
    offset = here - (there + 0.5)  # the header has whole seconds, cut off
    if abs(offset) <= CLOCK_TOLERANCE:
        sentence = f"Within {max(1.0, abs(offset)):.0f} s of the server's"
        return ok(names.CLOCK, sentence, offset_seconds=offset)
    way = "ahead of" if offset > 0 else "behind"
    return warning(
        names.CLOCK,
        f"This computer's clock is {_span(abs(offset))} {way} the server's, and logs and invites "
        "go by the clock",
        "set the wrong one of the two, best by switching on network time",
        offset_seconds=offset,
    )


def _span(seconds: float) -> str:
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
