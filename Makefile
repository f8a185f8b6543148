.DEFAULT_GOAL := help
.PHONY: help demo unit test check fmt lint types arch bench bench-check bench-gateway bench-schedule bench-table bench-compare bench-tenants soak chart docs image kind lock clean
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
IMAGE ?= mailbox-operator:dev
KUBERNETES ?= newest
COMPILE = $(VENV)/lock/bin/uv pip compile --quiet --upgrade --universal --python-version=3.11 --generate-hashes
export PYTHONPATH := operator:tests

help:          ## list the targets
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

demo: $(READY) ## connect sample mailboxes on a local control plane; CHECK=1 exits by itself
	@$(BIN)/python -m tools.demo

unit: $(READY) ## the tests that need no cluster and no server; about 40 s, ARGS chooses fewer
	@$(BIN)/pytest tests/unit --hypothesis-profile="few examples" $(ARGS)

test: $(READY) ## all tests, in two wings side by side, with branch coverage of the whole package
	@$(BIN)/coverage erase
	@$(BIN)/python -m tools.wings $(ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --fail-under=95

check: lint types arch ## the fast gates: format, lint, types, architecture

fmt: $(READY)  ## format, and repair what can be repaired
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

lint: $(READY) ## format and lint, changing nothing
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check

types: $(READY) ## mypy, strict, tests included
	@$(BIN)/mypy

arch: $(READY) ## imports point the way the folders do
	@test -z "$$(find operator -maxdepth 1 -name '*.py')" || { echo 'operator/ must hold no .py: it would hide the standard module'; exit 1; }
	@$(BIN)/lint-imports

bench: $(READY) ## measure N mailboxes beside a bare loop; CONTENDED=1, REPEAT, REPLICAS for more, OUT keeps
	@$(BIN)/python -m tools.bench
	@$(BIN)/python -m tools.bench.gateway --messages 200 --rounds 3

bench-check: $(READY) ## measure what a check costs beside the bare login; no cluster
	@$(BIN)/python -m tools.bench.check $(ARGS)

bench-gateway: $(READY) ## measure what a message costs, beside Haraka and Postfix where they are at hand
	@$(BIN)/python -m tools.bench.gateway

bench-schedule: $(READY) ## play the schedule for 100,000 mailboxes on a clock that leaps
	@$(BIN)/python -m tools.schedule $(ARGS)

bench-table: $(READY) ## write the tables of a saved run into the pages; RUN=file keeps that one
	@$(BIN)/python -m tools.bench.table $(RUN)

bench-compare: $(READY) ## say what changed from the run in LAST to the one in OUT, as markdown
	@$(BIN)/python -m tools.bench.compare $(LAST) $(OUT)

bench-tenants: $(READY) ## measure what others get while one tenant does its worst
	@$(BIN)/python -m tools.bench.tenants

soak: $(READY) ## play faults for SECONDS (600) with MAILBOXES (2000); SEED=n repeats them
	@$(BIN)/python -m tools.soak

chart: $(READY) ## write what the charts repeat from elsewhere; lint, render and check them
	@$(BIN)/python -m tools.charts.derived
	@$(BIN)/pytest tests/tools/charts tests/system/chart tests/system/tenant $(ARGS)

docs: $(READY) ## write the pages that are made from code: states, reasons, API, command line
	@$(BIN)/python -m tools.states.page
	@$(BIN)/python -m tools.reference.reasons
	@$(BIN)/python -m tools.reference.api
	@$(BIN)/python -m tools.commands.page

image:         ## build the container image
	docker build -t $(IMAGE) .

kind: $(READY) ## install the charts in a cluster of kind, with Docker and the image; KUBERNETES=oldest
	@$(BIN)/python -m tools.kind --kubernetes=$(KUBERNETES) --image=$(IMAGE)

lock: $(READY) ## resolve the locked, hashed dependencies again
	@$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet uv
	@$(COMPILE) --extra=tracing pyproject.toml --output-file=.lock/run.txt
	@$(COMPILE) --extra=tracing --group=dev pyproject.toml --output-file=.lock/dev.txt
	@$(COMPILE) .lock/checkov.in --output-file=.lock/checkov.txt
	@$(COMPILE) .lock/build.in --output-file=.lock/build.txt
	@$(COMPILE) .lock/scan.in --output-file=.lock/scan.txt

clean:         ## forget everything built here; the control plane's cache stays
	rm -rf $(VENV) dist .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(READY): .lock/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or newer is needed; name it: make PYTHON=/path/to/python3 ...'; exit 1; }
	@echo 'installing the locked dependencies into $(VENV) (about a minute, once)'
	@$(PYTHON) -m venv --clear $(VENV) || { echo 'venv is missing: apt-get install -y python3-venv'; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r .lock/dev.txt
	@touch $@
