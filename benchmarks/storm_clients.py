"""A process with many light clients that all come at once; run by join_storm.py.

stdin: one line of logins as JSON, then any line: come!, then its end: go.
stdout: `ready`, then one line of JSON when all are in: when each began, was in, had the key.
"""

import json
import os
import select
import sys
from dataclasses import asdict

from benchmarks.light_client import LightClient, Login, client_context
from benchmarks.light_loop import LightLoop
from benchmarks.own_network import enter_loopback

POLITENESS = 10  # a stand-in for other computers takes no processor from the server
PATIENCE = 120.0  # s


def parse_logins(line: str) -> list[Login]:
    """The logins of a line on standard input."""
    return [
        Login(**{**login, "secret": bytes.fromhex(login["secret"])}) for login in json.loads(line)
    ]


def main() -> None:
    enter_loopback()
    os.nice(POLITENESS)
    tls = client_context()
    loop = LightLoop(LightClient(login, tls) for login in parse_logins(sys.stdin.readline()))
    print("ready", flush=True)
    sys.stdin.readline()
    loop.begin()
    began = loop.clients[0].times.began or 0.0
    missing = list(loop.clients)

    def all_are_in(now: float) -> bool:
        while missing and missing[-1].is_in and missing[-1].times.keyed:
            missing.pop()
        return not missing or now > began + PATIENCE

    loop.run(all_are_in)
    print(json.dumps([asdict(client.times) for client in loop.clients]), flush=True)
    loop.run(lambda _now: bool(select.select([sys.stdin], [], [], 0)[0]))


if __name__ == "__main__":
    main()
