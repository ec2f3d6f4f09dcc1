"""The inputs that are kept: one file a target, one input a line, in hexadecimal digits."""

from pathlib import Path

FOLDER = Path(__file__).with_name("corpus")
MOST = 200  # inputs of a target
LONGEST = 400  # octets


def kept(name: str) -> list[bytes]:
    """All inputs of the target, shortest first."""
    path = FOLDER / f"{name}.hex"
    return [bytes.fromhex(line) for line in path.read_text().splitlines()] if path.exists() else []


def keep(name: str, inputs: list[bytes]) -> None:
    """Keep these instead; of too many, some of each length."""
    short = sorted({each for each in inputs if len(each) <= LONGEST}, key=lambda o: (len(o), o))
    if len(short) > MOST:
        short = [short[place * len(short) // MOST] for place in range(MOST)]
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.hex").write_text("".join(f"{each.hex()}\n" for each in short))
