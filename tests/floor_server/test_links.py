"""Where a client's datagrams go: only to who has answered a challenge there."""

from itertools import count

from ptt.floor_server.clients import Clients
from ptt.floor_server.links import (
    CHALLENGE_OCTETS,
    CHALLENGE_PERIOD,
    MAX_INDICES,
    Link,
    srtcp_index,
)
from ptt.security.srtp import ControlSender, UplinkSender, new_key
from ptt.wire.control import encode_control
from ptt.wire.link import Challenge, ChallengeReply, LinkMessage, Probe, ProbeReply

HOME = ("192.0.2.1", 4000)
AWAY = ("192.0.2.2", 5000)
SSRC = 7
SIZE = CHALLENGE_OCTETS


def new_link() -> Link:
    numbers = count(1)
    return Link(SSRC, lambda: next(numbers).to_bytes(8, "big"))


def nonce_of(messages: list[LinkMessage]) -> bytes:
    [challenge] = messages
    assert isinstance(challenge, Challenge)
    return challenge.token


def bound_link() -> Link:
    link = new_link()
    nonce = nonce_of(link.handle(Probe(SSRC, b"A" * 8), HOME, SIZE, now=0.0))
    link.handle(ChallengeReply(SSRC, nonce), HOME, SIZE, now=0.0)
    return link


def test_a_probe_from_an_unknown_address_is_challenged() -> None:
    link = new_link()

    messages = link.handle(Probe(SSRC, b"A" * 8), HOME, SIZE, now=0.0)

    assert messages == [Challenge(SSRC, (1).to_bytes(8, "big"))]
    assert link.address is None


def test_the_right_answer_binds_and_the_probe_is_answered_then() -> None:
    link = new_link()
    nonce = nonce_of(link.handle(Probe(SSRC, b"A" * 8), HOME, SIZE, now=0.0))

    messages = link.handle(ChallengeReply(SSRC, nonce), HOME, SIZE, now=0.1)

    assert messages == [ProbeReply(SSRC, b"A" * 8)]
    assert link.address == HOME


def test_the_newest_probe_is_the_one_that_is_answered() -> None:
    link = new_link()
    nonce = nonce_of(link.handle(Probe(SSRC, b"A" * 8), HOME, SIZE, now=0.0))
    link.handle(Probe(SSRC, b"B" * 8), HOME, SIZE, now=0.05)

    messages = link.handle(ChallengeReply(SSRC, nonce), HOME, SIZE, now=0.1)

    assert messages == [ProbeReply(SSRC, b"B" * 8)]


def test_a_probe_from_the_bound_address_is_answered_at_once() -> None:
    link = bound_link()

    assert link.handle(Probe(SSRC, b"C" * 8), HOME, SIZE, now=9.0) == [ProbeReply(SSRC, b"C" * 8)]


def test_a_wrong_answer_binds_nothing() -> None:
    link = bound_link()
    link.follow(AWAY, SIZE, now=1.0)

    assert link.handle(ChallengeReply(SSRC, b"guessed!"), AWAY, SIZE, now=1.1) == []
    assert link.address == HOME


def test_the_right_answer_from_another_address_binds_nothing() -> None:
    link = bound_link()
    nonce = nonce_of(link.follow(AWAY, SIZE, now=1.0))

    assert link.handle(ChallengeReply(SSRC, nonce), ("192.0.2.3", 1), SIZE, now=1.1) == []
    assert link.address == HOME


def test_the_old_address_is_served_until_the_new_one_is_proved() -> None:
    link = bound_link()

    nonce = nonce_of(link.follow(AWAY, SIZE, now=1.0))
    before = link.address
    link.handle(ChallengeReply(SSRC, nonce), AWAY, SIZE, now=1.1)

    assert (before, link.address) == (HOME, AWAY)


def test_a_proof_makes_former_challenges_void() -> None:
    link = bound_link()
    stale = nonce_of(link.follow(("192.0.2.3", 1), SIZE, now=1.0))
    nonce = nonce_of(link.follow(AWAY, SIZE, now=1.0))
    link.handle(ChallengeReply(SSRC, nonce), AWAY, SIZE, now=1.1)

    link.handle(ChallengeReply(SSRC, stale), ("192.0.2.3", 1), SIZE, now=1.2)

    assert link.address == AWAY


def test_a_challenge_is_never_longer_than_what_it_answers() -> None:
    challenge = ControlSender(new_key()).protect_rtcp(encode_control(Challenge(SSRC, bytes(8))))

    assert len(challenge) == CHALLENGE_OCTETS
    assert new_link().follow(AWAY, CHALLENGE_OCTETS - 1, now=0.0) == []


def test_one_address_gets_three_challenges_in_a_period() -> None:
    link = new_link()

    sent = [len(link.follow(AWAY, SIZE, now=n / 100)) for n in range(100)]

    assert sum(sent) == 3
    assert [n for n, one in enumerate(sent) if one] == [0, 10, 20]


def test_after_the_period_an_address_may_try_again() -> None:
    link = new_link()
    for n in range(5):
        link.follow(AWAY, SIZE, now=n / 5)

    assert len(link.follow(AWAY, SIZE, now=CHALLENGE_PERIOD + 0.1)) == 1


def test_a_thousand_spoofed_addresses_are_not_remembered() -> None:
    link = bound_link()
    nonce = nonce_of(link.follow(AWAY, SIZE, now=0.0))

    for port in range(1000):
        link.follow(("198.51.100.1", port), SIZE, now=0.0)

    assert link.handle(ChallengeReply(SSRC, nonce), AWAY, SIZE, now=0.1) == []
    assert link.address == HOME


def test_only_what_was_sent_later_is_newest() -> None:
    link = new_link()

    newest = [link.is_newest(SSRC, index) for index in (5, 6, 6, 3, 9)]

    assert newest == [True, True, False, False, True]
    assert link.is_newest(SSRC + 1, 1)


def test_who_leaves_and_joins_for_days_does_not_forget_which_probe_was_the_newest() -> None:
    clients = Clients(lambda: bytes(8))
    clients.add(1, SSRC, new_key(), new_key())
    client = clients.get(1)
    assert client is not None
    client.link.is_newest(SSRC, 5)

    for ssrc in range(1000, 1000 + 2 * MAX_INDICES):
        clients.enter(client, 1, ssrc)
        client.link.is_newest(ssrc, 1)
        clients.leave(client, 1)

    assert not client.link.is_newest(SSRC, 4)  # a probe that somebody held back since


def test_the_index_stands_where_libsrtp_writes_it() -> None:
    sender = UplinkSender(new_key())

    datagrams = [sender.protect_rtcp(encode_control(Probe(SSRC, bytes(8)))) for _ in range(3)]
    indices = [srtcp_index(datagram) for datagram in datagrams]

    assert indices == [indices[0], indices[0] + 1, indices[0] + 2]
