"""Drives plugged_desk.py: what it said, and what it is to do."""

import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from subprocess import PIPE
from typing import Any

import trio

PROGRAM = Path(__file__).with_name("plugged_desk.py")
PATIENCE = 15.0  # s

Fact = dict[str, Any]


class PluggedDesk:
    """One running client."""

    def __init__(self, process: trio.Process) -> None:
        self.process = process
        self.facts: list[Fact] = []
        self._more = trio.Event()

    async def read(self) -> None:
        """Until the process ends."""
        assert self.process.stdout is not None
        rest = b""
        async for octets in self.process.stdout:
            *lines, rest = (rest + octets).split(b"\n")
            self.facts += [json.loads(line) for line in lines]
            self._more.set()
            self._more = trio.Event()

    async def tell(self, command: str) -> float:
        """One of the program's commands; when it was sent."""
        assert self.process.stdin is not None
        now = time.monotonic()
        await self.process.stdin.send_all(command.encode() + b"\n")
        return now

    async def fact(self, true: Callable[[Fact], bool], *, after: float = 0.0) -> Fact:
        """The first such fact after that moment."""
        with trio.move_on_after(PATIENCE):
            while True:
                found = [fact for fact in self.facts if fact["at"] >= after and true(fact)]
                if found:
                    return found[0]
                await self._more.wait()
        raise AssertionError(f"not so after {after}: {self.facts[-20:]}")

    async def event(self, name: str, *, after: float = 0.0) -> Fact:
        """The client's next event of that kind."""
        return await self.fact(lambda fact: fact.get("event") == name, after=after)

    async def uses(self, direction: str, device: str | None, *, after: float) -> float:
        """When sound flowed through that device (None: through none), `after` at the earliest."""
        if self.use(direction) == device and self._last_use["at"] < after:
            return after
        return float((await self.fact(lambda f: self._is(f, direction, device), after=after))["at"])

    def use(self, direction: str) -> str | None:
        """The device that sound flows through now."""
        return self._last_use.get(direction)

    async def figures(self) -> Fact:
        """What it counted until now, as soon as the loudspeaker is open: that takes descriptors."""
        while self.use("loudspeaker") is None:
            await self._more.wait()
        asked = await self.tell("figures")
        return await self.fact(lambda fact: fact["what"] == "figures", after=asked)

    @property
    def _last_use(self) -> Fact:
        uses = [fact for fact in self.facts if fact["what"] == "use"]
        return uses[-1] if uses else {"at": 0.0}

    @staticmethod
    def _is(fact: Fact, direction: str, device: str | None) -> bool:
        return fact["what"] == "use" and fact[direction] == device


@asynccontextmanager
async def plugged_desk(
    environment: Mapping[str, str], link: str, channel: str, microphone: str, loudspeaker: str
) -> AsyncIterator[PluggedDesk]:
    """Joined and listening; it must end in good order within PATIENCE."""
    start = partial(
        trio.run_process,
        [sys.executable, str(PROGRAM), link, channel, microphone, loudspeaker],
        env={**os.environ, **environment},
        stdin=PIPE,
        stdout=PIPE,
        check=False,
    )
    async with trio.open_nursery() as nursery:
        process: trio.Process = await nursery.start(start)
        desk = PluggedDesk(process)
        nursery.start_soon(desk.read)
        try:
            await desk.fact(lambda fact: fact["what"] == "joined")
            yield desk
        finally:
            with trio.CancelScope(shield=True), trio.move_on_after(PATIENCE) as patience:
                assert process.stdin is not None
                await process.stdin.aclose()
                await process.wait()
            if patience.cancelled_caught:
                process.kill()
    assert process.returncode == 0, f"the desk ended with {process.returncode}"
