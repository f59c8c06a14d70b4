# `make run` and `make test` are all a newcomer needs: each sets up what it uses.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# Older SDKs that relying parties still run, each in a folder of its own.
SDKS   := $(foreach v,3.0.1 3.1.0 3.2.0,$(VENV)/sdk/$(v).stamp)
PIP    := $(BIN)/python -m pip --disable-pip-version-check -q install

.PHONY: run test search check format lock bench bench-names browser postgres screenshots lighthouse clean

run: $(VENV)/run.stamp
	@$(BIN)/padan dev --port $${PORT:-8080}

test: $(VENV)/dev.stamp $(SDKS) browser postgres check
	$(BIN)/python -m pytest -n 2 --dist loadfile

# New examples for every property, thousands of each: hours. A part of it: make search IN=tests/names
search: $(VENV)/dev.stamp
	HYPOTHESIS_PROFILE=search $(BIN)/python -m pytest -n 2 --dist loadfile --timeout 0 $(or $(IN),tests)

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/bench.stamp
	$(BIN)/python -m bench

# The benchmark of names beside every peer: nomenklatura builds PyICU, which on Debian needs
# `apt install g++ pkg-config libicu-dev`. Without it `make bench` measures the others.
bench-names: $(VENV)/bench-names.stamp
	$(BIN)/python -m bench.names

# Pictures of every state of the pages, for the documentation.
screenshots: $(VENV)/dev.stamp browser
	SCREENSHOTS=docs/images/pages $(BIN)/python -m pytest tests/browser/test_states.py -k picture

lighthouse: $(VENV)/dev.stamp browser
	$(BIN)/python -m bench.lighthouse

# Every dependency is pinned by hash; `make lock` takes nothing younger than a week.
lock: $(VENV)/dev.stamp
	tools/lock

clean:
	rm -rf $(VENV) tests/browser/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Padan needs Python 3.11 or later; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV) || { echo "No venv module: on Debian, 'apt install python3-venv' first." >&2; exit 1; }

$(VENV)/run.stamp: $(VENV)/bin/python requirements/run.txt pyproject.toml
	@echo "Setting up Padan in $(VENV) (once) ..."
	@$(PIP) --require-hashes -r requirements/run.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.txt
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/sdk/%.stamp: $(VENV)/dev.stamp requirements/sdk-%.txt
	@$(PIP) --require-hashes --no-deps --target $(VENV)/sdk/$* -r requirements/sdk-$*.txt
	@touch $@

$(VENV)/bench.stamp: $(VENV)/dev.stamp requirements/bench.txt
	@$(PIP) --require-hashes -r requirements/bench.txt
	@touch $@

$(VENV)/bench-names.stamp: $(VENV)/bench.stamp requirements/bench-names.txt
	@$(PIP) --require-hashes -r requirements/bench-names.txt
	@touch $@

postgres:
	@tools/postgres

browser: $(VENV)/browser.stamp
	@tools/browser

$(VENV)/browser.stamp: $(VENV)/bin/python tests/browser/package-lock.json tools/browser
	@tools/browser
	@npm ci --prefix tests/browser --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
