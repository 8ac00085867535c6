# Two commands: `make run` and `make test`. Everything else is for those who change the code.
.DEFAULT_GOAL := help
.PHONY: help run test test-at check format schema lock soak bench clean

PYTHON ?= python3
BIN := .venv/bin
# The stamps know the place, as an environment does not survive being copied elsewhere.
PLACE := $(shell pwd | cksum | cut -d ' ' -f 1)
RUN := .venv/.run-$(PLACE)
DEV := .venv/.dev-$(PLACE)
CORES := $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
# Compiled by us: a start must be quick even where Python may not write its caches (PYTHONDONTWRITEBYTECODE).
TREES := api graph domain infra migrations
COMPILED := .venv/.compiled-$(PLACE)
INPUTS := requirements/install.sh requirements/bootstrap.txt pyproject.toml
export PYTHON

help:
	@echo "make run     start everything: Postgres, Valkey, server, worker (HOST and PORT change 127.0.0.1:8000)"
	@echo "make test    all checks, then all tests"
	@echo "make test-at WHEN=2026-12-31T23:56+08:00     all tests as if run at that moment (wants a C compiler)"
	@echo "make check   linters, types, who may import whom"
	@echo "make format  let ruff rewrite what it can"
	@echo "make schema  write the SDL as served to graph/schema.graphql"
	@echo "make lock    resolve requirements/*.in anew into the hash-locked requirements/*.txt"
	@echo "make soak    long-running tests"
	@echo "make bench   measurements, see bench/"
	@echo "make clean   remove the environment and all caches; data in var/ stay"

$(RUN): requirements/run.txt $(INPUTS)
	@sh requirements/install.sh run
	@touch $@

$(DEV): requirements/dev.txt $(INPUTS)
	@sh requirements/install.sh dev
	@touch $@ $(RUN)

$(COMPILED): $(RUN) $(shell find $(TREES) -name '*.py')
	@$(BIN)/python -m compileall -q -j 0 $(TREES)
	@touch $@

# Killing make, even with -9, ends the server too: that is what the lifeline is for.
run: $(COMPILED)
	@QINGYI_LIFELINE=$$PPID exec $(BIN)/qingyi run

test: check
	$(BIN)/pytest -n $(CORES) -m "not soak"

# A test that fails at midnight, at the end of a month or of February should not wait for that day to tell.
CLOCK := $(CURDIR)/.venv/wall-clock.so
SECONDS_FROM_NOW = import sys, datetime as d; \
	print(int(d.datetime.fromisoformat(sys.argv[1]).timestamp() - d.datetime.now().timestamp()))
test-at: $(DEV)
	cc -O2 -shared -fPIC -DAHEAD=$$($(BIN)/python -c "$(SECONDS_FROM_NOW)" "$(WHEN)") -o $(CLOCK) tests/moments/wall_clock.c
	LD_PRELOAD=$(CLOCK) $(BIN)/pytest -n $(CORES) -m "not soak" $(TESTS)

check: $(DEV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEV)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

schema: $(DEV)
	$(BIN)/qingyi export-schema > graph/.schema.graphql && mv graph/.schema.graphql graph/schema.graphql

COMPILE = UV_PYTHON_DOWNLOADS=never ../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock"
lock: $(RUN)
	cd requirements && $(COMPILE) $(LOCKFLAGS) dev.in -o dev.txt
	cd requirements && $(COMPILE) run.in -c dev.txt -o run.txt
	cd requirements && $(COMPILE) app.in -c dev.txt -o app.txt
	cd requirements && $(COMPILE) $(LOCKFLAGS) bootstrap.in -o bootstrap.txt

soak: $(DEV)
	HYPOTHESIS_PROFILE=random $(BIN)/pytest -m soak --timeout 7200

bench: $(DEV)
	$(BIN)/python -m bench

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -not -path "./var/*" -prune -exec rm -rf {} +
