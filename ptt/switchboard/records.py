"""What the switchboard knows about people, devices and channels, as values.

The store makes them, `state.py` works with them. Pure: no database, no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

DEFAULT_TALK_LIMIT = 60.0  # s, T2
MIN_TALK_LIMIT, MAX_TALK_LIMIT = 10.0, 600.0  # s
DEFAULT_QUEUE_SIZE = 16
MAX_QUEUE_SIZE = 64
MAX_PRIORITY = 127  # a person's priority in a channel, 0 to 127
PROFILES = ("gcm", "interop")


class Role(IntEnum):
    """What somebody may do in a channel; each includes those before it."""

    NONE = 0
    LISTEN = 1
    TALK = 2
    MODERATE = 3
    MANAGE = 4

    @property
    def word(self) -> str:
        """The role as users write it."""
        return self.name.lower()


ROLE_WORDS = tuple(role.word for role in Role)


def role_of(word: str) -> Role:
    """The role that users call `word`; raises KeyError."""
    return Role[word.upper()]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """One channel. `number` 0: the store gives it one."""

    number: int = 0
    name: str
    talk_limit: float = DEFAULT_TALK_LIMIT  # s, T2
    queue_size: int = DEFAULT_QUEUE_SIZE
    profile: str = "gcm"  # or interop: AES_CM_128_HMAC_SHA1_80 without MKI
    strict: bool = False  # a voice key for each listener
    open_to: Role = Role.TALK  # the most that people without a role of their own may do here
    replay: bool = True  # clients may keep its last bursts, in memory, to hear them again


@dataclass(frozen=True, slots=True)
class Right:
    """What one person may do in one channel."""

    role: Role
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with at least an invite; `role` counts in channels that name no other."""

    number: int
    name: str
    role: Role = Role.TALK


@dataclass(frozen=True, slots=True)
class Device:
    """One enrolled device; only the hash of its secret is known."""

    device: str
    person: int
    name: str
    secret_hash: bytes


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything that decides who may do what, as it stood at one revision of the store."""

    revision: int = 0
    people: Mapping[int, Person] = field(default_factory=dict)
    devices: Mapping[str, Device] = field(default_factory=dict)
    channels: Mapping[int, ChannelSettings] = field(default_factory=dict)
    rights: Mapping[tuple[int, int], Right] = field(default_factory=dict)  # (channel, person)

    def right(self, channel: int, person: int) -> Right:
        """What `person` may do in `channel`; Role.NONE if either is unknown.

        A role of their own in the channel decides. Without it: nothing in a closed channel, all
        that they may elsewhere if they moderate or manage, otherwise at most what the channel
        is open to.
        """
        if channel not in self.channels or person not in self.people:
            return Right(Role.NONE)
        if own := self.rights.get((channel, person)):
            return own
        role, open_to = self.people[person].role, self.channels[channel].open_to
        if open_to is Role.NONE:
            return Right(Role.NONE)
        return Right(role if role >= Role.MODERATE else min(role, open_to))
