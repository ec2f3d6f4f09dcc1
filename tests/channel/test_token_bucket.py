"""So many at once, and so many a second after that."""

from ptt.channel.token_bucket import TokenBucket


def test_a_bucket_gives_its_size_at_once_and_its_rate_after_that() -> None:
    bucket = TokenBucket(rate=2.0, size=3.0)

    assert [bucket.take(50.0) for _ in range(4)] == [True, True, True, False]
    assert bucket.take(50.5)
    assert not bucket.take(50.9)


def test_a_long_rest_fills_the_bucket_only_to_its_brim() -> None:
    bucket = TokenBucket(rate=5.0, size=2)
    bucket.take(0.0)

    assert [bucket.take(1e6) for _ in range(3)] == [True, True, False]


def test_what_is_put_back_can_be_taken_again_but_never_more_than_fits() -> None:
    bucket = TokenBucket(rate=1.0, size=2)
    bucket.take(0.0)

    bucket.put_back()
    bucket.put_back()

    assert bucket.count(0.0) == 2
