# make play   play at once, on a machine without Docker too: make-believe containers, in a window or through VNC
# make test   everything this machine can test; says what it skipped and why
# make help   the other targets

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WAD := wads/doom1.wad
STAMP := $(VENV)/.installed
TEST_STAMP := $(VENV)/.installed-test

.PHONY: help play test test-fast test-golden test-e2e lint bench clip docs clean

help:
	@echo "make play        play against make-believe containers (fetches the shareware WAD)"
	@echo "make test        all tests this machine can run"
	@echo "make test-fast   unit tests only, under two minutes"
	@echo "make test-golden demos and frames against the original's"
	@echo "make test-e2e    real Docker engine, X server, VNC client and browser"
	@echo "make lint        ruff, mypy, import rules"
	@echo "make bench       benchmarks (docs/performance.md)"
	@echo "make docs        the documentation as a website: build/site/index.html"
	@echo "make clip        a short video of DEMO1 with sound: build/clip.mp4"

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[kiosk]'
	@touch $@

$(TEST_STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[test]'
	@touch $@ $(STAMP)

$(WAD): | $(STAMP)
	$(BIN)/python -m pydoom.wad.fetch --yes --to wads

play: $(STAMP) | $(WAD)
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" = Darwin ]; then \
	  exec $(BIN)/python -m pydoom --wad $(WAD) --bridge simulated; \
	else \
	  echo "No display here: the game runs on a virtual screen. Connect with a VNC viewer."; \
	  exec $(BIN)/python -m pydoom.kiosk -- --wad $(CURDIR)/$(WAD) --bridge simulated; \
	fi

# the end-to-end tests play in real time, so they have the machine to themselves
test: lint | $(WAD)
	$(BIN)/python -m pytest tests/unit tests/golden -n 2
	$(BIN)/python -m pytest tests/e2e

test-fast: $(TEST_STAMP) | $(WAD)
	$(BIN)/python -m pytest tests/unit -n 2

test-golden: $(TEST_STAMP) | $(WAD)
	$(BIN)/python -m pytest tests/golden -n 2

test-e2e: $(TEST_STAMP) | $(WAD)
	$(BIN)/python -m pytest tests/e2e

lint: $(TEST_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(TEST_STAMP) | $(WAD)
	$(BIN)/python -m benchmarks

# id's pictures may not be handed on with the program: the clip stays out of the repository
clip: $(TEST_STAMP) | $(WAD)
	@mkdir -p build
	$(BIN)/python -m pydoom --wad $(WAD) --headless --timedemo DEMO1 --record-video build/clip.mp4 --video-tics 560:740
	@ls -l build/clip.mp4

docs: $(TEST_STAMP)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
