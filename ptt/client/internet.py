"""The real network behind network.py."""


class InternetNetwork:
    """To be completed."""
