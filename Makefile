# Two commands: `make demo` runs a pipeline over all five vendors against the emulators, `make test` passes the tests.
.DEFAULT_GOAL := help
.PHONY: help demo test check bench lock schemas clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CLIENT := $(VENV)/workato-cli
DIGDAG := $(VENV)/digdag
# Tests kill processes, which needs no disk, and flush to it all the time, which a slow one makes minutes of.
MEMORY := $(shell [ -w /dev/shm ] && [ "$$(df --output=avail -k /dev/shm 2>/dev/null | tail -1)" -gt 4000000 ] && echo /dev/shm)

help:
	@echo "make demo     run examples/nightly_sales on the emulators"
	@echo "make test     ruff, mypy and the whole test suite"
	@echo "make bench    the benchmarks: ratios against bare loops"
	@echo "make lock     write requirements.lock anew"

$(READY): pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

# A client that others wrote, for the tests alone; its pins are not ours, so it has a place of its own.
$(CLIENT)/.ready: $(READY) tests/live/workato-cli.lock
	$(PYTHON) -m venv $(CLIENT)
	$(CLIENT)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/live/workato-cli.lock
	@touch $(CLIENT)/.ready

# digdag's own programs, for the tests alone, from Maven. Only a machine without Java, and not in CI, may lack them.
JAVA_MISSING = [ "$$CI" != true ] && ! { command -v mvn && command -v javac; } >/dev/null
FETCH = mvn --quiet --batch-mode --strict-checksums org.apache.maven.plugins:maven-dependency-plugin:3.6.1:build-classpath

$(DIGDAG)/%.classpath: tests/live/digdag/%/pom.xml tests/live/digdag/%/*.java
	@mkdir -p $(DIGDAG)/$*
	@if $(JAVA_MISSING); then echo "no Java or no Maven: digdag's own $* is not tested"; exit 0; fi; \
	$(FETCH) -f $< -Dmdep.outputFile=$(abspath $@).new -Dmdep.includeScope=runtime \
	  || { echo "Maven could not fetch digdag's own $*, which tests/live wants"; exit 1; }; \
	javac -d $(DIGDAG)/$* -cp "$$(cat $@.new)" tests/live/digdag/$*/*.java && mv $@.new $@

# One after the other: Maven's repository is no place for two at once.
$(DIGDAG)/engine.classpath: $(DIGDAG)/client.classpath

demo: $(READY)
	$(BIN)/pipeforge run examples/nightly_sales/nightly_sales.yaml --emulate --again

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check $(CLIENT)/.ready $(DIGDAG)/client.classpath $(DIGDAG)/engine.classpath
	TMPDIR=$(or $(MEMORY),$(TMPDIR),/tmp) PIPEFORGE_TOOLS=1 $(BIN)/pytest -n 4 --dist worksteal

bench: $(READY)
	$(BIN)/python tests/benchmarks/run.py

lock:
	uv pip compile pyproject.toml --group dev --generate-hashes --no-header --no-emit-index-url --python-version 3.11 --universal -q -o requirements.lock

schemas: $(READY)
	$(BIN)/pipeforge schema --write schemas
	$(BIN)/python -m pipeforge.commands.sketching

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
