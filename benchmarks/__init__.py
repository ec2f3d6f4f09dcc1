"""One question a file; `make bench` asks them all and writes the answers to out/bench."""
