"""Commands that work on the daemon's database; it notices by the revision within half a second."""
