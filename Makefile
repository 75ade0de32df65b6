# `make run` and `make test` are all the set-up there is. Both make .venv first and install only what changed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test check gate
.DEFAULT_GOAL := test

.venv/.installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -c constraints.txt -e .
	rm -f .venv/.installed-test
	touch $@

.venv/.installed-test: .venv/.installed
	$(BIN)/python -m pip install -c constraints.txt -e ".[test]"
	touch $@

run: .venv/.installed
	$(BIN)/hkva build
	$(BIN)/hkva serve

test: .venv/.installed-test
	sh tests/server/browser/install.sh $(BIN)/playwright
	sh tests/deploy/install.sh
	$(BIN)/python -m pytest -n 2

check: .venv/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

gate: .venv/.installed-test
	$(BIN)/hkva build
	$(BIN)/hkva eval gate
