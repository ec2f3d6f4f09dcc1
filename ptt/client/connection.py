"""Keeps the session with the switchboard, for as long as the client lives.

    connect -> Hello -> Welcome -> messages ... lost -> wait -> connect

The wait is random at first, so that a thousand clients of a restarted server do not come in the
same instant, and grows. What is final is raised: a device that the server does not know.
"""

from collections.abc import Callable
from random import Random

import trio

from ptt.client.credentials import Credential
from ptt.client.groups import lone_errors
from ptt.client.network import Network, Session
from ptt.errors import (
    MalformedPacketError,
    RefusedError,
    ServerKeyMismatchError,
    ServerUnreachableError,
)
from ptt.wire.signalling import Bye, ClientMessage, Hello, Refused, ServerMessage, Welcome

# Implementation
LOGIN_PATIENCE = 10.0  # s from the first octet until Welcome
FIRST_RETRY = 1.0  # s at most, random
RETRY_GROWTH = 1.5
LONGEST_RETRY = 5.0  # s
STABLE_AFTER = 5.0  # s; a session that ends sooner does not make the next wait short again
MAX_UNSENT = 256  # messages that wait for the writer
_FINAL = frozenset({"unknown-device", "protocol"})
_CURABLE = (ServerUnreachableError, ServerKeyMismatchError, MalformedPacketError)


class Retries:
    """How long to wait before each attempt, in seconds."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._last: float | None = None

    def next_wait(self) -> float:
        """Random first, then longer each time."""
        if self._last is None:
            self._last = self._rng.uniform(0, FIRST_RETRY)
        else:
            self._last = min(max(self._last, FIRST_RETRY / 2) * RETRY_GROWTH, LONGEST_RETRY)
        return self._last

    def reset(self) -> None:
        """The connection stood: begin anew."""
        self._last = None


class Connection:
    """One session after another.

    `received` is called with every message, Welcome first; `lost` with a sentence and the wait
    in seconds, once for each outage and again when the sentence changes. `peer_host` is the
    address of the server that answered last.
    """

    def __init__(
        self,
        network: Network,
        credential: Credential,
        software: str,
        rng: Random,
        *,
        received: Callable[[ServerMessage], None],
        lost: Callable[[str, float], None],
    ) -> None:
        self._network = network
        self._credential = credential
        self._software = software
        self._retries = Retries(rng)
        self._received = received
        self._lost = lost
        self._outbox: trio.MemorySendChannel[ClientMessage] | None = None
        self._scope = trio.CancelScope()
        self._welcomed_at: float | None = None
        self.peer_host = credential.host
        self._told = ""

    def tell(self, message: ClientMessage) -> None:
        """Send `message` in this session; without one, it is void."""
        if self._outbox is None:
            return
        try:
            self._outbox.send_nowait(message)
        except trio.WouldBlock:  # the server reads nothing any more
            self.give_up()

    def give_up(self) -> None:
        """The server does not answer: end this session and try a new one."""
        self._scope.cancel()

    async def run(self, *, patient: bool) -> None:
        """Hold sessions until cancelled.

        Raises RefusedError when trying again is useless and, if not `patient`, also whatever
        ends the first attempt.
        """
        while True:
            self._welcomed_at = None
            try:
                await self._one_session()
                sentence = "The server does not answer any more."  # give_up() was called
            except _CURABLE as error:
                if not patient and self._welcomed_at is None:
                    raise
                sentence = str(error)
            patient = True
            await self._pause(sentence)

    async def _pause(self, sentence: str) -> None:
        if self._welcomed_at is not None:
            self._told = ""
            if trio.current_time() - self._welcomed_at >= STABLE_AFTER:
                self._retries.reset()
        wait = self._retries.next_wait()
        if sentence != self._told:
            self._told = sentence
            self._lost(sentence, wait)
        await trio.sleep(wait)

    async def _one_session(self) -> None:
        """Comes back when given up; raises what ended it otherwise."""
        to_writer, outbox = trio.open_memory_channel[ClientMessage](MAX_UNSENT)
        with lone_errors(), trio.CancelScope() as self._scope:
            async with self._network.open_session(self._credential) as session:
                self.peer_host = session.peer_host
                try:
                    self._outbox = to_writer
                    await self._log_in(session)
                    async with trio.open_nursery() as nursery:
                        nursery.start_soon(_write, session, outbox)
                        await self._read(session)
                finally:
                    self._outbox = None

    async def _log_in(self, session: Session) -> None:
        credential = self._credential
        with trio.move_on_after(LOGIN_PATIENCE):
            await session.send(
                Hello(device=credential.device, secret=credential.secret, software=self._software)
            )
            message = _checked(await session.receive())
            if not isinstance(message, Welcome):
                raise ServerUnreachableError("The server did not say welcome; trying again.")
            self._welcomed_at = trio.current_time()
            self._received(message)
            return
        raise ServerUnreachableError("The server takes too long to answer.")

    async def _read(self, session: Session) -> None:
        while True:
            self._received(_checked(await session.receive()))


async def _write(session: Session, outbox: "trio.MemoryReceiveChannel[ClientMessage]") -> None:
    async for message in outbox:
        await session.send(message)


def _checked(message: ServerMessage) -> ServerMessage:
    """Raises RefusedError for what is final, ServerUnreachableError for a goodbye."""
    match message:
        case Bye(again=False, sentence=sentence):
            raise RefusedError(sentence)
        case Bye(sentence=sentence):
            raise ServerUnreachableError(sentence)
        case Refused(cause=cause, sentence=sentence) if cause in _FINAL:
            raise RefusedError(sentence)
        case _:
            return message
