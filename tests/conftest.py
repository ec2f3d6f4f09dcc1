"""How random tests run: reproducible, without a clock, and much longer for `make fuzz`."""

import os

from hypothesis import settings

# Machines are noisy: a slow example is no failure. The blob replays a failing one elsewhere.
settings.register_profile("test", deadline=None, print_blob=True)
settings.register_profile("fuzz", deadline=None, print_blob=True, max_examples=20_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))
