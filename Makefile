# make play   play at once, on a machine without Docker too: simulated containers, in a window or through VNC
# make test   everything this machine can test; says what it skipped and why
# make help   the other targets

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WAD := wads/doom1.wad
DIST := build/dist
# dist-compiled makes a wheel for each
PYTHONS := $(BIN)/python
LOCKS := bridge build game sbom
# drops what the caller has in the environment by chance: COMPOSE_FILE, PYTHONPATH, PYTEST_ADDOPTS...
CLEAN := $(BIN)/python -I tests/surroundings.py
STAMP := $(VENV)/.installed
TEST_STAMP := $(VENV)/.installed-test

.PHONY: help play test test-fast test-golden test-compiled test-e2e fuzz lint lint-workflows bench clip docs dist dist-compiled lock sbom clean

help:
	@echo "make play        play against simulated containers (fetches the shareware WAD)"
	@echo "make test        all tests this machine can run"
	@echo "make test-fast   unit tests without the slow ones, under two minutes"
	@echo "make test-golden demos and frames against the original's"
	@echo "make test-compiled  unit and golden tests of the game against the compiled core"
	@echo "make test-e2e    real Docker engine, X server, VNC client and browser"
	@echo "make fuzz        fuzzers of the bridge and of what the game reads: MINUTES=10 SEED=1 ONLY='wad demo'"
	@echo "make lint        ruff, mypy, import contracts, workflows"
	@echo "make bench       benchmarks (docs/performance.md)"
	@echo "make docs        the documentation as a website: build/site/index.html"
	@echo "make clip        the clip and pictures of the README and the docs, with Freedoom: docs/pictures"
	@echo "make dist        source distribution and wheel: build/dist"
	@echo "make dist-compiled  the same, and wheels with the compiled core: PYTHONS='python3.12 python3.13'"
	@echo "make lock        exact versions for the images: requirements; LOCK=--upgrade for the newest"
	@echo "make sbom        what is in the images, as CycloneDX: build/sbom"

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
	$(CLEAN) $(BIN)/python -m pytest tests/unit tests/golden -n 2
	$(CLEAN) $(BIN)/python tests/compiled.py
	$(CLEAN) $(BIN)/python -m pytest tests/e2e

test-fast: $(TEST_STAMP) | $(WAD)
	$(CLEAN) $(BIN)/python -m pytest tests/unit -n 2 -m "not slow"

test-golden: $(TEST_STAMP) | $(WAD)
	$(CLEAN) $(BIN)/python -m pytest tests/golden -n 2

test-compiled: $(TEST_STAMP) | $(WAD)
	$(CLEAN) $(BIN)/python tests/compiled.py

test-e2e: $(TEST_STAMP) | $(WAD)
	$(CLEAN) $(BIN)/python -m pytest tests/e2e

MINUTES ?= 5
SEED ?= 0

fuzz: $(TEST_STAMP) | $(WAD)
	$(CLEAN) $(BIN)/python -m tests.fuzz --minutes $(MINUTES) --seed $(SEED) $(ONLY)

lint: $(TEST_STAMP) lint-workflows
	$(CLEAN) $(BIN)/ruff check .
	$(CLEAN) $(BIN)/ruff format --check .
	$(CLEAN) $(BIN)/mypy
	$(CLEAN) $(BIN)/lint-imports

lint-workflows: $(TEST_STAMP)
	$(CLEAN) $(BIN)/actionlint -shellcheck= -pyflakes=
	$(CLEAN) $(BIN)/zizmor --offline --quiet --min-severity medium .github

bench: $(TEST_STAMP) | $(WAD)
	$(BIN)/python -m benchmarks

# with Freedoom's pictures, which may be handed on with the program; id's may not
clip: $(TEST_STAMP)
	@mkdir -p build
	$(BIN)/python -m tools.clip build/clip.mp4
	$(BIN)/python -m tools.clip docs/pictures/clip.webp --pictures docs/pictures
	@ls -l build/clip.mp4 docs/pictures

docs: $(TEST_STAMP)
	$(CLEAN) env NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo "build/site/index.html opens in a browser"

# the wheel is built from the source distribution: what is missing there is noticed
dist: $(TEST_STAMP)
	$(BIN)/python -m build --outdir $(DIST)

# for the Pythons of this machine; those for others' machines are made by cibuildwheel in .github/workflows/release.yml
dist-compiled: dist
	@for each in $(PYTHONS); do \
	  PYDOOM_COMPILE=1 $(BIN)/pip --python "$$(command -v $$each)" wheel --quiet --no-deps --wheel-dir $(DIST) $(DIST)/*.tar.gz || exit; \
	done

lock: $(TEST_STAMP)
	@for each in $(LOCKS); do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.13 --generate-hashes --no-annotate --no-emit-index-url \
	    --custom-compile-command "make lock" $(LOCK) requirements/$$each.in --output-file requirements/$$each.txt || exit; \
	done

sbom:
	docker compose build --quiet
	@mkdir -p build/sbom
	@for each in pydoom pydoom-bridge; do \
	  docker run --rm --network none --entrypoint cat $$each /usr/share/sbom/$$each.cdx.json >build/sbom/$$each.cdx.json || exit; \
	done
	@ls -l build/sbom

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
