"""How random tests run: reproducible, and without a clock."""

from hypothesis import settings

# Machines are noisy: a slow example is no failure. The blob replays a failing one elsewhere.
settings.register_profile("test", deadline=None, print_blob=True)
settings.load_profile("test")
