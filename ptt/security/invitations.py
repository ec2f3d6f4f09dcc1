"""Invite links and device secrets: what proves that somebody may come in.

    ptt://host:17880/?invite=<one-time token>&key=<hash of the server's public key>

An IPv6 address stands in brackets. The server keeps only hashes of tokens and secrets, so a copy of
its database lets nobody in. They are plain SHA-256: what is hashed is random and too long to be
guessed. Who gets an invite, for how long, and how often one may guess is the switchboard's.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from ptt.errors import InviteError

# Specification
SCHEME = "ptt"
DEFAULT_PORT = 17880
TOKEN_OCTETS = 16
SECRET_OCTETS = 32

# Implementation
MAX_LINK = 1024  # characters; what is longer is no link of ours
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)  # base64url of TOKEN_OCTETS, not padded
_KEY_HASH = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)  # base64url of a SHA-256, not padded
_HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,252})", re.ASCII)
_COPY_AGAIN = "copy the whole link once more, or ask for a new invite."
_DAMAGED_NAME = f"The server's name in this invite link is damaged; {_COPY_AGAIN}"


@dataclass(frozen=True, slots=True)
class InviteLink:
    """Where the server is, the token that lets one device in, and how to know the server.

    `str()` writes the link; `repr()` never shows the token, because it ends in logs.
    """

    host: str
    port: int
    token: str = field(repr=False)
    key_hash: str

    def __str__(self) -> str:
        host = f"[{quote(self.host, safe=':')}]" if ":" in self.host else self.host
        return f"{SCHEME}://{host}:{self.port}/?invite={self.token}&key={self.key_hash}"

    @classmethod
    def parse(cls, text: str) -> "InviteLink":
        """The link in `text`, also if a mail program broke its line.

        Raises InviteError with a sentence that says what is wrong and what to do.
        """
        parts = _split("".join(text.split()))
        asked = parse_qs(parts.query)
        return cls(
            host=_host(parts),
            port=_port(parts),
            token=_single(asked, "invite", _TOKEN),
            key_hash=_single(asked, "key", _KEY_HASH),
        )


def new_token() -> str:
    """A one-time token for an invite: 128 random bits."""
    return secrets.token_urlsafe(TOKEN_OCTETS)


def hash_token(token: str) -> bytes:
    """What the server keeps of a token: 32 octets. Any text has a hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def new_secret() -> bytes:
    """A device's secret: 256 random bits."""
    return secrets.token_bytes(SECRET_OCTETS)


def hash_secret(secret: bytes) -> bytes:
    """What the server keeps of a device's secret: 32 octets."""
    return hashlib.sha256(secret).digest()


def is_same_secret(secret: bytes, kept_hash: bytes) -> bool:
    """Whether `secret` is the one whose hash was kept; takes as long for a near miss."""
    return hmac.compare_digest(hash_secret(secret), kept_hash)


def _split(text: str) -> SplitResult:
    if len(text) > MAX_LINK or not text.lower().startswith(f"{SCHEME}://"):
        raise InviteError(
            f"This is not an invite link: such a link begins with {SCHEME}://; {_COPY_AGAIN}"
        )
    try:
        return urlsplit(text)
    except ValueError as error:
        raise InviteError(_DAMAGED_NAME) from error


def _host(parts: SplitResult) -> str:
    host = unquote(parts.hostname or "")
    if not host:
        raise InviteError(f"This invite link names no server; {_COPY_AGAIN}")
    if "@" in parts.netloc or not is_host(host):
        raise InviteError(_DAMAGED_NAME)
    return host


def is_host(host: str) -> bool:
    """Whether a link can name this computer: a name, an IPv4 or an IPv6 address."""
    if ":" not in host:
        return _HOST_NAME.fullmatch(host) is not None
    try:
        IPv6Address(host)
    except ValueError:
        return False
    return True


def _port(parts: SplitResult) -> int:
    try:
        port = DEFAULT_PORT if parts.port is None else parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise InviteError(
            f"The port in this invite link is not a number from 1 to 65535; {_COPY_AGAIN}"
        )
    return port


def _single(asked: dict[str, list[str]], name: str, shape: re.Pattern[str]) -> str:
    """The only value of a query field, if it has the right shape."""
    values = asked.get(name, [])
    if not values:
        raise InviteError(
            f'The end of this invite link is missing: there is no "{name}" in it; {_COPY_AGAIN}'
        )
    if len(values) > 1 or shape.fullmatch(values[0]) is None:
        raise InviteError(f'The "{name}" in this invite link is cut off or changed; {_COPY_AGAIN}')
    return values[0]
