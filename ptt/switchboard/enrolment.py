"""POST `/v1/enrol`: trades the one-time token of an invite for a device's credential.

Whoever guesses is slowed down, nobody is banned: after too many wrong tokens from an address, or in
all, each further try waits a moment before it is looked at, and few may wait.
"""

import secrets
import time
from collections import Counter

import msgspec
import trio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ptt.channel.token_bucket import TokenBucket
from ptt.errors import ConfigError, InviteError, MalformedPacketError, StoreError
from ptt.security.invitations import hash_secret, hash_token, new_secret
from ptt.switchboard.directory import DirectoryWatch
from ptt.switchboard.logs import FoldedLog, Log
from ptt.switchboard.metrics import Metrics
from ptt.switchboard.names import clean_name
from ptt.switchboard.records import Device, Person
from ptt.switchboard.store import people
from ptt.wire.signalling import Enrol, Enrolled, Refused

# Implementation
WRONG_PER_MINUTE, WRONG_PER_MINUTE_OVERALL = 5, 50
DELAY = 3.0  # s before a suspicious try is looked at
MAX_WAITING = 5  # suspicious tries of one address that may wait
MAX_ADDRESSES = 10_000
DEVICE_OCTETS = 8
NO_DATABASE = "The server cannot write to its database: try again, or ask who runs it."
MAX_BODY = 4 * 1024  # octets of the request
_NO_REQUEST = (
    msgspec.DecodeError,
    UnicodeError,
    RecursionError,
    ConfigError,
    MalformedPacketError,
    ClientDisconnect,
)


class GuessLimit:
    """Counts wrong tokens, for each address and in all. Pure: `now` in seconds."""

    def __init__(self) -> None:
        self._overall = _bucket(WRONG_PER_MINUTE_OVERALL)
        self._addresses: dict[str, TokenBucket] = {}

    def is_suspicious(self, address: str, now: float) -> bool:
        """Whether the next try from there must wait."""
        own = self._addresses.get(address)
        return self._overall.count(now) < 1 or (own is not None and own.count(now) < 1)

    def note_try(self, address: str, now: float) -> None:
        """A token comes from there: wrong until it is proved right, so that many at once count."""
        self._overall.take(now)
        if address not in self._addresses and len(self._addresses) >= MAX_ADDRESSES:
            self._forget(now)
        self._addresses.setdefault(address, _bucket(WRONG_PER_MINUTE)).take(now)

    def note_right(self, address: str) -> None:
        """The last token from there was right."""
        self._overall.put_back()
        if own := self._addresses.get(address):
            own.put_back()

    def _forget(self, now: float) -> None:
        self._addresses = {
            address: bucket
            for address, bucket in self._addresses.items()
            if bucket.count(now) < WRONG_PER_MINUTE
        }


class EnrolmentService:
    """Serves `/v1/enrol`."""

    def __init__(
        self, server: str, directory: DirectoryWatch, metrics: Metrics, log: Log, folded: FoldedLog
    ) -> None:
        self._server = server
        self._directory = directory
        self._metrics = metrics
        self._log = log
        self._folded = folded
        self._limit = GuessLimit()
        self._waiting: Counter[str] = Counter()

    async def serve(self, request: Request) -> Response:
        """200 with Enrolled, or 4xx with Refused, both as JSON."""
        address = request.client.host if request.client else ""
        if not await self._may_try(address):
            return _refuse(429, "too-fast", "Too many wrong invites: wait a minute and try again.")
        try:
            wish = msgspec.json.decode(await _short_body(request), type=Enrol)
            name = clean_name(wish.device_name, "device's name")
        except _NO_REQUEST:
            return _refuse(400, "protocol", "This is not a request to enrol a device.")
        self._limit.note_try(address, trio.current_time())
        try:
            enrolled = await self._enrol(wish.token, name)
            self._limit.note_right(address)
            return _answer(200, enrolled)
        except InviteError as error:
            self._metrics.refused_invites.inc()
            self._folded.warning("refused-invite", address, reason=str(error))
            return _refuse(403, "invite", str(error))
        except StoreError as error:
            self._folded.warning("database-away", "", sentence=str(error))
            return _refuse(503, "database", NO_DATABASE)

    async def _enrol(self, token: str, device_name: str) -> Enrolled:
        secret = new_secret()
        device = Device(secrets.token_hex(DEVICE_OCTETS), 0, device_name, hash_secret(secret))
        now = time.time()
        person: Person = await self._directory.write(
            lambda transaction: people.redeem_invite(transaction, hash_token(token), device, now)
        )
        await self._directory.refresh()
        self._metrics.enrolments.inc()
        self._log.info("enrolled", person=person.name, device=device.device, name=device.name)
        return Enrolled(
            device=device.device, secret=secret, person=person.name, server=self._server
        )

    async def _may_try(self, address: str) -> bool:
        if not self._limit.is_suspicious(address, trio.current_time()):
            return True
        if self._waiting[address] >= MAX_WAITING:
            return False
        self._waiting[address] += 1
        try:
            await trio.sleep(DELAY)
        finally:
            self._waiting[address] -= 1
        return True


async def _short_body(request: Request) -> bytes:
    """Not one octet more than is needed to see that it is too long: nobody else limits it."""
    body = b""
    async for octets in request.stream():
        body += octets
        if len(body) > MAX_BODY:
            raise MalformedPacketError("a body that is too long")
    return body


def _bucket(per_minute: int) -> TokenBucket:
    return TokenBucket(per_minute / 60, per_minute)


def _refuse(status: int, cause: str, sentence: str) -> Response:
    return _answer(status, Refused(cause=cause, sentence=sentence))


def _answer(status: int, value: Enrolled | Refused) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")
