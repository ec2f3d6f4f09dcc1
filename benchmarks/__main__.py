"""Asks every question in turn, or those that are named: `python -m benchmarks floor_access`."""

import sys
from importlib import import_module

QUESTIONS = (
    "floor_access",
    "floor_requests",
    "mouth_to_ear",
    "fan_out",
    "more_cores",
    "join_storm",
    "slow_connections",
    "rubbish",
    "kills",
    "client_cost",
    "start_up",
    "speech_quality",
    "voice_activation",
    "voice_improvement",
)


def main() -> None:
    """Run the benchmarks and show their tables."""
    for question in sys.argv[1:] or QUESTIONS:
        print(f"{question} ...", flush=True)
        import_module(f"benchmarks.{question}").main().show()


if __name__ == "__main__":
    main()
