"""A conversation of three desk workers on the real thing: daemon, UDP, Opus, SRTP."""
