"""What is asked for every burst leaves nothing behind, though the floor server collects rarely."""

import sys

from ptt.channel.roster import Member, Roster

TIMES = 1000


def a_roster() -> Roster:
    roster = Roster()
    for client in range(1, 8):
        roster.put(Member(client, client, 0, may_talk=True))
    return roster


def test_asking_who_listens_a_thousand_times_takes_no_memory() -> None:
    roster = a_roster()
    before = sys.getallocatedblocks()

    for _ in range(TIMES):
        roster.all_but(3)

    assert sys.getallocatedblocks() - before < TIMES / 10
