# carethread: `make demo` to see it, `make test` to trust it. Everything lives in .venv and demo/.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO_PERIOD := --from 2026-05-04 --to 2026-05-31
BOOKS = CARETHREAD_HOME=demo/books $(BIN)/carethread
CARE_DAY := --from 2026-05-11 --to 2026-05-11

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-care-days test test-fast bench bench-books check docs lock clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 18

setup: $(VENV)/.ready ## put everything into .venv

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "carethread needs Python 3.11 or later: make setup PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@echo "Compiling the engine, once: two to four minutes"
	@$(BIN)/carethread prepare --quiet
	@touch $@

demo: setup ## settle an invented council and three real care days; look at demo/report.html
	@$(BIN)/carethread synth demo/council --people 150 --weeks 4 --seed 2026 --force --quiet
	@echo "An invented council of 150 people, four weeks:"; echo
	@$(BIN)/carethread settle demo/council $(DEMO_PERIOD) --out demo/settled --force
	@echo; echo "One of its lines, explained:"; echo
	@$(BIN)/carethread explain demo/settled \
		"$$(grep -m1 'capped;pooled' demo/settled/lines.csv | cut -d, -f1)"
	@echo
	@$(BIN)/carethread report demo/settled --to demo/report.html --title "An invented council"
	@for day in cosenza-299 mankowska-300-1 venice-378; do \
		echo; echo "A real care day, $$day (docs/care-days.md):"; echo; \
		$(BIN)/carethread settle tests/data/hhcrsp/$$day $(CARE_DAY) --out demo/$$day --force || exit; \
		$(BIN)/carethread report demo/$$day --to demo/$$day.html --title "A care day: $$day" || exit; \
	done
	@echo; echo "The invented council keeps books (SQLite, in demo/books):"; echo
	@rm -rf demo/books
	@$(BOOKS) migrate && $(BOOKS) council add demo "An invented council"
	@$(BOOKS) import demo demo/council --apply --quiet; test $$? -le 1
	@$(BOOKS) run demo $(DEMO_PERIOD) --quiet
	@echo; $(BOOKS) held demo

test: setup browser java postgresql ## run every test
	$(BIN)/pytest

test-fast: setup ## run the tests without browsers and long searches
	$(BIN)/pytest -m "not slow" -n auto

bench: setup ## measure against the limit and the peers: make bench SIZE=100k, 1m, 8m or 40m
	$(BIN)/python -m bench.run $(or $(SIZE),100k 1m 8m)

bench-books: setup ## measure imports and runs in PostgreSQL beside a bare COPY, and beside files
	$(BIN)/python -m bench.books

check: setup ## style, types, layers, generated pages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	CARETHREAD_HOME=.mypy_cache/home $(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.docs --check

docs: setup ## write the generated pages again
	$(BIN)/python -m tests.docs

lock: setup ## pin every dependency again, by version and hash
	$(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		--allow-unsafe --strip-extras --extra dev --extra spark --output-file requirements.lock pyproject.toml

.PHONY: browser
browser: setup # a Chromium for the tests of pages: the system's, or apt's, or Playwright's own
	@$(BIN)/python -m tests.browser

.PHONY: postgresql
postgresql: setup # a PostgreSQL for the tests: the one that answers, the system's, or apt's
	@$(BIN)/python -m tests.postgresql

.PHONY: java
java: setup # a Java for the tests of Spark: the system's, or apt's
	@$(BIN)/python -m tests.java

clean: ## remove what make made
	rm -rf $(VENV) demo
