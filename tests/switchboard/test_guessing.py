"""S8: as many guesses as one computer can make on open connections, for some seconds."""

import http.client
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import pytest
import trio

from ptt.switchboard.enrolment import DELAY, MAX_WAITING, WRONG_PER_MINUTE
from ptt.wire.signalling import Welcome
from tests.support.switchboard_daemon import any_certificate, bare_client, real_daemon

pytestmark = pytest.mark.slow

GUESSERS = 15  # of 20 connections that one address may have before it has proved itself
SECONDS = 6.0
JOIN_WITHIN = 1.0  # s


class Guessers:
    """Threads that guess; `answers` counts what they were told."""

    def __init__(self, port: int) -> None:
        self.answers: Counter[int] = Counter()
        self._port = port
        self._enough = Event()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        threads = [Thread(target=self._guess) for _ in range(GUESSERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._enough.set()
            for thread in threads:
                thread.join()

    def _guess(self) -> None:
        while not self._enough.is_set():
            connection = http.client.HTTPSConnection(
                "127.0.0.1", self._port, timeout=10.0, context=any_certificate()
            )
            with closing(connection), suppress(OSError, http.client.HTTPException):
                self._guess_on(connection)  # until it has to give way to others

    def _guess_on(self, connection: http.client.HTTPSConnection) -> None:
        while not self._enough.is_set():
            connection.request("POST", "/v1/enrol", b'{"token":"guess","device_name":"x"}')
            with connection.getresponse() as answer:
                answer.read()
                self.answers[answer.status] += 1


async def test_a_storm_of_guesses_is_hardly_looked_at_and_members_log_in(tmp_path: Path) -> None:
    async with real_daemon(tmp_path) as daemon:
        enrolled = await trio.to_thread.run_sync(daemon.enrol, "Anna")
        guessers, waits = Guessers(daemon.port), []
        with guessers.at_work():
            began = time.monotonic()
            while time.monotonic() < began + SECONDS:
                await trio.sleep(0.2)
                start = trio.current_time()
                async with bare_client(daemon.port) as client:
                    await client.log_in(enrolled)
                    await client.wait_for(Welcome)
                waits.append(trio.current_time() - start)

        took = time.monotonic() - began

    looked_at = guessers.answers[403]
    assert set(guessers.answers) == {403, 429}
    assert looked_at <= WRONG_PER_MINUTE + MAX_WAITING * (1 + took / DELAY)
    assert sum(guessers.answers.values()) > 20 * looked_at
    assert max(waits) < JOIN_WITHIN
