# Everything runs from .venv, which is made on first use from the exact versions
# in constraints.txt.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo serve test lint bench peers replay clean

demo: $(STAMP)   ## serve with every provider simulated
	$(BIN)/rolegraph demo

serve: $(STAMP)  ## serve with your keys (environment or .env)
	$(BIN)/rolegraph serve

test: $(STAMP)   ## run all tests
	$(BIN)/pytest

lint: $(STAMP)   ## style, types, direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)  ## measure speed, print a table and JSON
	$(BIN)/python -m bench --json bench-result.json

peers: $(STAMP)  ## measure other proxies beside this one; installs them into .peers first
	$(BIN)/python -m bench.peers --install .peers

replay: $(STAMP) ## send a day of agent traffic through the router, print what it cost
	$(BIN)/python -m bench.replay

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . --group dev
	touch $(STAMP)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis bench-result.json .peers
