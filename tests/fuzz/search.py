"""One search of one target, in a process of its own: `python -m tests.fuzz.search NAME OPTION...`.

The options are libFuzzer's. What Python covers is seen where it is imported, so ptt comes last.
"""

import sys


def main() -> None:
    """Does not return."""
    try:
        import atheris
    except ImportError:
        sys.exit("Atheris is missing: `make fuzz` installs it, on Linux with Python up to 3.13.")
    with atheris.instrument_imports(include=["ptt"]):
        from tests.fuzz.targets import TARGETS
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, TARGETS[name].feed)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
