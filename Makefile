# Each target sets up what it needs on a fresh machine; a second call does nothing twice.
.DEFAULT_GOAL := help
.PHONY: help run test check bench messages migrations
HOST ?= 127.0.0.1
PORT ?= 8000
WORKERS ?= 1
BIN := .venv/bin

help:
	@echo "make run     serve http://$(HOST):$(PORT) with demo data (PORT=8100 make run: elsewhere)"
	@echo "make test    every test, with a real browser and a real PostgreSQL"
	@echo "make check   format, lint, types, import contracts, migrations"
	@echo "make bench   a table of figures, each beside a yardstick of the same run"
	@echo "             (ARGS='--json FILE' writes them too)"

run:
	@.ci/setup run
	@REGISTRATION_BASE_URL=$${REGISTRATION_BASE_URL:-http://$(HOST):$(PORT)} \
	  $(BIN)/registration serve --host $(HOST) --port $(PORT) --workers $(WORKERS) --demo

test:
	@.ci/setup test
	@$(BIN)/pytest -n 2 --dist loadgroup

check:
	@.ci/setup test
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@.ci/migrations

bench:
	@.ci/setup test
	@$(BIN)/python -m tests.bench $(ARGS)

messages:
	@.ci/setup test
	@$(BIN)/python -m tests.contracts.messages --write

migrations:
	@.ci/setup test
	@$(BIN)/tortoise makemigrations
