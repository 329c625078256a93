# The two commands of the README are `make demo` and `make test`; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
SETUP := $(VENV)/.setup
TOOLS := $(VENV)/.tools

.PHONY: help setup demo test test-slow test-postgres check format bench docs clean
help:
	@echo "make demo           install and open the example clinic on http://localhost:8000"
	@echo "make test           install the test tools and run the whole suite"
	@echo "make check          format, lint, types, import contracts, missing migrations, catalogues"
	@echo "make test-slow      faults on purpose: kill, flood, long runs"
	@echo "make test-postgres  the record's tests on a real PostgreSQL from a wheel"
	@echo "make bench          every published figure, with its ratio"
	@echo "make docs           regenerate the generated pages and pictures of docs/"
	@echo "make setup          install only"

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Interlude needs Python 3.11 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV)

$(SETUP): requirements/runtime.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing Interlude into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements/runtime.txt
	@$(PIP) install --no-build-isolation --no-deps -e .
	@touch $@

$(TOOLS): requirements/test.txt $(SETUP)
	@echo "Installing the test tools ..."
	@$(PIP) install --require-hashes -r requirements/test.txt
	@touch $@

setup: $(SETUP)

demo: $(SETUP)
	@$(BIN)/interlude demo $(ARGS)

test: $(TOOLS)
	$(BIN)/python -m pytest -m "not slow" $(ARGS)

test-slow: $(TOOLS)
	$(BIN)/python -m pytest -m slow $(ARGS)

test-postgres: $(TOOLS)
	$(BIN)/python tools/with_postgres.py $(BIN)/python -m pytest -m "not slow and not journey" tests/record tests/architecture tests/interfaces/staff tests/interfaces/portal $(ARGS)

check: $(TOOLS)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/manage.py makemigrations --check --dry-run
	$(BIN)/python tools/messages.py --check
	$(BIN)/python -m pytest -q tests/architecture

format: $(TOOLS)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(TOOLS)
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

docs: $(TOOLS)
	$(BIN)/python -m tests.domain.reference
	$(BIN)/python -m tests.interfaces.cli.pictures
	$(BIN)/python -m tests.domain.pharmacology.tutorial

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis
