from hypothesis import given
from hypothesis import strategies as st

from ptt.switchboard.doors import Doors
from ptt.switchboard.records import ChannelSettings, Directory, Person, Right, Role

roles = st.sampled_from(Role)
NUMBERS = st.integers(1, 6)


@given(
    st.lists(st.tuples(NUMBERS, roles), unique_by=lambda channel: channel[0]),
    st.dictionaries(st.tuples(NUMBERS, NUMBERS), roles),
    st.dictionaries(NUMBERS, roles, min_size=1),
)
def test_who_may_enter_finds_the_door_in_the_directorys_order(
    channels: list[tuple[int, Role]],
    rights: dict[tuple[int, int], Role],
    people: dict[int, Role],
) -> None:
    directory = Directory(
        people={number: Person(number, "Anna", role) for number, role in people.items()},
        channels={
            number: ChannelSettings(number=number, name=str(number), open_to=open_to)
            for number, open_to in channels
        },
        rights={pair: Right(role) for pair, role in rights.items()},
    )
    doors = Doors(directory)

    for person in people:
        entered = [
            number
            for number in doors.of(person)
            if directory.right(number, person).role >= Role.LISTEN
        ]

        assert entered == [
            number
            for number in directory.channels
            if directory.right(number, person).role >= Role.LISTEN
        ]


def test_of_closed_channels_only_those_with_a_right_are_asked_about() -> None:
    closed = {
        number: ChannelSettings(number=number, name=str(number), open_to=Role.NONE)
        for number in range(1, 5001)
    }
    rights = {(7, 1): Right(Role.TALK)}

    doors = Doors(Directory(people={1: Person(1, "Anna")}, channels=closed, rights=rights))

    assert doors.of(1) == [7]
