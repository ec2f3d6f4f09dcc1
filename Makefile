# Every command installs what it needs first: Debian packages where this user may, Python packages
# into .venv. The second time that costs nothing.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
PYTHON ?= python3
BIN := .venv/bin

# What Qt loads for a window on X11 or Wayland; a system with a desktop has most of it.
WINDOW_PACKAGES := libgl1 libegl1 libglib2.0-0 libfontconfig1 libdbus-1-3 libxkbcommon0 \
	libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-image0 \
	libxcb-render-util0 libxcb-xkb1 libxcb-randr0 libxcb-xinerama0 libx11-xcb1 libxcb-sync1 \
	libxcb-xfixes0 fonts-dejavu-core
# libopus and PortAudio are loaded at run time. The compiler is for evdev, which pynput needs on Linux.
RUN_PACKAGES := libopus0 libportaudio2 gcc python3-dev libc6-dev
# A virtual sound card and display, a desktop with a tray and what a screen reader reads, a portal, and
# two foreign implementations to be checked against.
TEST_PACKAGES := $(RUN_PACKAGES) $(WINDOW_PACKAGES) openbox tint2 at-spi2-core desktop-file-utils \
	xdg-utils pulseaudio pulseaudio-utils libasound2-plugins xvfb xauth xdotool \
	tshark faketime gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
	gstreamer1.0-plugins-bad dbus xdg-desktop-portal postgresql
# The model checker, and the compiler for what it writes.
CHECK_PACKAGES := spin gcc libc6-dev
BENCH_PACKAGES := $(TEST_PACKAGES) espeak-ng alsa-utils pocketsphinx-testdata mumble-server \
	svxreflector mumble

.PHONY: help run test check audit report bench soak fuzz program screenshots clean

help: ## Show these commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: .venv/run ## Start the daemon and a conversation of three (DEMO=0: only the daemon; PORT=...)
	@exec $(BIN)/python -m ptt_demo $(if $(PORT),--port $(PORT)) $(if $(filter 0,$(DEMO)),--daemon-only)

test: .venv/dev .venv/test-packages ## Run all tests but the model of the floor
	$(BIN)/pytest --ignore=tests/model

check: .venv/dev ## Lint, format, types, direction of imports, security patterns, model of the floor
	@.ci/packages $(CHECK_PACKAGES)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit -q -c pyproject.toml -r ptt clients
	$(BIN)/pytest -q tests/model

audit: .venv/dev ## Look for known vulnerabilities in the packages that are installed
	@$(BIN)/python .ci/audit $(BIN)/pip-audit

bench: .venv/bench ## Measure delays, what a packet and a client cost, and how voices are told from noise
	@.ci/packages $(BENCH_PACKAGES)
	$(BIN)/python -m benchmarks

soak: SECONDS := 1800
soak: CLIENTS := 200
soak: .venv/bench ## Talk, come and go for half an hour; nothing may grow (SECONDS=1800 CLIENTS=200)
	$(BIN)/python -m benchmarks.soak $(SECONDS) $(CLIENTS)

fuzz: .venv/dev ## Search each parser of network bytes for inputs that break it (SECONDS=60 each)
	@$(BIN)/pip install -q --disable-pip-version-check --use-pep517 -e '.[fuzz]'
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),60)

program: .venv/dev ## Build the window as a program that needs no Python, into out/program
	@$(BIN)/pip install -q --disable-pip-version-check --use-pep517 -e '.[program]'
	$(BIN)/pyinstaller --noconfirm --log-level WARN --distpath out/program \
		--workpath out/program/build packaging/ptt-desktop.spec
	@du -sh out/program/ptt-desktop

screenshots: .venv/dev .venv/test-packages ## Picture every state of the window (README=1: those of README too)
	$(BIN)/python -m tests.screenshots $(if $(README),--readme)

report: .venv/bench .venv/test-packages ## Write tests/REPORT.md: each goal, what was measured, and how
	@.ci/packages $(BENCH_PACKAGES)
	$(BIN)/python -m tests.report

clean: ## Remove what these commands made
	rm -rf .venv out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@.ci/packages python3-venv
	@echo "Making the Python environment .venv"
	@$(PYTHON) -m venv .venv

.venv/run: pyproject.toml .venv/bin/python
	@.ci/packages $(RUN_PACKAGES)
	@echo "Installing Python packages"
	@$(BIN)/pip install -q --disable-pip-version-check --use-pep517 -e '.[server,client,hotkey,bench]'
	@touch $@

.venv/dev: pyproject.toml .venv/run
	@$(BIN)/pip install -q --disable-pip-version-check --use-pep517 -e '.[server,client,hotkey,desktop,noise,postgresql,bench,dev]'
	@touch $@

.venv/bench: pyproject.toml .venv/dev
	@$(BIN)/pip install -q --disable-pip-version-check --use-pep517 \
		-e '.[server,client,hotkey,desktop,noise,postgresql,bench,quality,dev]'
	@touch $@

.venv/test-packages: Makefile .venv/bin/python
	@.ci/packages $(TEST_PACKAGES)
	@touch $@
