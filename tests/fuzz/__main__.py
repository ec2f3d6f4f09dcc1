"""`python -m tests.fuzz [NAME ...]`: search each target for inputs that break it, by Atheris.

A search begins with what is kept in corpus/ and the seeds, is guided by what is covered, and what
covers something new is kept. An input that breaks a target stands in crashes/, and the way to feed
it again is printed; exit status 1.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz import corpus

CRASHES = Path(__file__).with_name("crashes")
SECONDS = 60
LONGEST = 1400  # octets, of a datagram


def main() -> None:
    """Search, or feed one input again."""
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="targets, all if none is named")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="for each target")
    parser.add_argument("--feed", type=Path, help="feed this file to the target, once")
    given = parser.parse_args()
    from tests.fuzz.targets import TARGETS

    unknown = set(given.names) - set(TARGETS)
    if unknown:
        raise SystemExit(f"There is no target {sorted(unknown)}: choose of {', '.join(TARGETS)}.")
    names = given.names or list(TARGETS)
    if given.feed:
        TARGETS[names[0]].feed(given.feed.read_bytes())
        return
    print(f"{'target':18}{'runs':>12}{'a second':>10}{'kept':>7}  broken by")
    broken = [name for name in names if _search(name, TARGETS[name].seeds, given.seconds)]
    sys.exit(1 if broken else 0)


def _search(name: str, seeds: list[bytes], seconds: int) -> bool:
    """Whether it was broken."""
    with TemporaryDirectory() as folder:
        for number, octets in enumerate([*corpus.kept(name), *seeds]):
            (Path(folder) / str(number)).write_bytes(octets)
        CRASHES.mkdir(exist_ok=True)
        before = set(CRASHES.iterdir())
        options = [f"-max_total_time={seconds}", "-timeout=10", f"-artifact_prefix={CRASHES}/"]
        words = _run(name, *options, folder)
        # It adds what covers something new.
        corpus.keep(name, [path.read_bytes() for path in Path(folder).iterdir()])
    found = sorted(set(CRASHES.iterdir()) - before)
    runs = re.search(r"Done (\d+) runs in (\d+) second", words)
    count, took = (int(runs[1]), int(runs[2])) if runs else (0, 1)
    broken = f"python -m tests.fuzz {name} --feed {found[0]}" if found else "nothing"
    rate = count // max(took, 1)
    print(f"{name:18}{count:>12}{rate:>10}{len(corpus.kept(name)):>7}  {broken}", flush=True)
    if not runs and not found:
        raise SystemExit(words)
    return bool(found)


def _run(name: str, *options: str) -> str:
    command = [sys.executable, "-m", "tests.fuzz.search", name, f"-max_len={LONGEST}", *options]
    done = subprocess.run(command, capture_output=True, check=False)
    return done.stderr.decode(errors="replace")


if __name__ == "__main__":
    main()
