"""A flood of one member is not heard; a person who presses like mad is."""

from ptt.channel.admission import OTHER_BURST, REQUEST_BURST, Admission
from ptt.wire.floor import FloorRelease, FloorRequest

REQUEST = FloorRequest(ssrc=1)
RELEASE = FloorRelease(ssrc=1)


def test_ten_requests_at_once_are_heard_and_no_more() -> None:
    admission = Admission()

    heard = [admission.admits(REQUEST, now=5.0) for _ in range(1000)]

    assert heard.count(True) == REQUEST_BURST
    assert all(heard[:REQUEST_BURST])


def test_of_a_thousand_requests_a_second_five_are_heard_in_the_long_run() -> None:
    admission = Admission()

    heard = sum(admission.admits(REQUEST, now=n / 1000) for n in range(10_000))

    assert heard == REQUEST_BURST + 5 * 10 - 1  # the last token is complete at 10.0 s


def test_a_flood_of_requests_does_not_hold_back_the_release() -> None:
    admission = Admission()
    for _ in range(100):
        admission.admits(REQUEST, now=0.0)

    assert admission.admits(RELEASE, now=0.0)


def test_a_flood_of_releases_is_not_heard_either() -> None:
    admission = Admission()

    assert sum(admission.admits(RELEASE, now=0.0) for _ in range(500)) == OTHER_BURST
