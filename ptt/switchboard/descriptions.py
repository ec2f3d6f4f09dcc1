"""What a person is told of the channels that they may enter. Pure."""

from collections.abc import Mapping

from ptt.switchboard.channels import Channel
from ptt.switchboard.doors import Doors
from ptt.switchboard.records import Directory, Person, Role
from ptt.wire.signalling import ChannelDescription


def describe(
    directory: Directory, doors: Doors, channels: Mapping[int, Channel], person: Person
) -> list[ChannelDescription]:
    """The channels of this person, in the order of `doors`."""
    descriptions = []
    for number in doors.of(person.number):
        channel = channels[number]
        right = directory.right(number, person.number)
        if right.role < Role.LISTEN:
            continue
        description = ChannelDescription(
            channel=number,
            name=channel.settings.name,
            role=right.role.word,
            priority=right.priority,
            talk_limit=channel.settings.talk_limit,
            profile=channel.settings.profile,
            replay=channel.settings.replay,
        )
        descriptions.append(description)
    return descriptions
