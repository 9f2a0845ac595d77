# Each target sets up what it needs, on a machine that has only Python 3.11+ and make; the second time it is quick.
.DEFAULT_GOAL := help
.ONESHELL:
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
SPARK := .venv/spark

export DO_NOT_TRACK := 1
export DAGSTER_DISABLE_TELEMETRY := 1

.PHONY: help
help:  ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Rapport needs Python 3.11 or newer; set PYTHON=...")'
	echo "Setting up .venv (a minute or two, once) ..."
	rm -f $(READY)
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $(READY)

.PHONY: setup
setup: $(READY)  ## Install everything into .venv

.PHONY: run
run: $(READY)  ## Generate the demo company and publish its first release
	@$(BIN)/rapport demo
	$(BIN)/rapport run

.PHONY: ui
ui: $(READY)  ## Dagster's web UI on http://127.0.0.1:3000, with the nightly schedule; stop it with Ctrl-C
	@$(BIN)/rapport demo
	$(BIN)/rapport ui

.PHONY: test
test: $(READY)  ## Run the tests, except the longest ones
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not long"

.PHONY: test-long
test-long: $(READY)  ## Run the longest tests, those that make test leaves out
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m long

.PHONY: lint
lint: $(READY)  ## Check the style of Python and SQL
	@$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models dbt_project/tests

.PHONY: format
format: $(READY)  ## Put Python and SQL into the project's style
	@$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix --disable-progress-bar dbt_project/models dbt_project/tests

.PHONY: docs
docs: $(READY)  ## Make the generated pages of docs/ anew
	@$(BIN)/python -m pipelines.contract_page > docs/contract.md
	$(BIN)/python -m pipelines.metrics_page > docs/metrics.md
	$(BIN)/python -m pipelines.reports_page > docs/reports.md

.PHONY: test-kills
test-kills: $(READY)  ## Kill runs at every moment there is a name for (a few minutes)
	@RAPPORT_KILLS=99 $(BIN)/python -m pytest tests/integration/test_killed_runs.py

.PHONY: test-history
test-history: $(READY)  ## Replay three past month ends, and hold them against what was published then (a few minutes)
	@RAPPORT_MONTH_ENDS=3 $(BIN)/python -m pytest tests/integration/test_history.py

.PHONY: test-readers
test-readers: $(READY)  ## Let 8 readers read for a minute while 20 releases are published
	@RAPPORT_READERS=8 RAPPORT_PUBLICATIONS=20 RAPPORT_READER_SECONDS=60 \
		$(BIN)/python -m pytest -s tests/integration/test_readers.py

.PHONY: test-laws
test-laws: $(READY)  ## Ask the laws of business time of a thousand random schedules each (about ten minutes)
	@RAPPORT_LAW_EXAMPLES=1000 $(BIN)/python -m pytest tests/property/test_business_time_laws.py

.PHONY: test-histories
test-histories: $(READY)  ## Let conformed rows follow 200 random histories of deliveries, and hold them against builds anew
	@RAPPORT_HISTORIES=200 $(BIN)/python -m pytest tests/property/test_following_laws.py

.PHONY: feedback-quality
feedback-quality: $(READY)  ## How well comments are read, on the labelled sample; SAMPLE=my.csv for your own
	@$(BIN)/python -m pipelines.feedback.quality $(SAMPLE)

.PHONY: faults
faults: $(READY)  ## Publish 20 clean nights, then damage and forge sources in every way, and say what became of it
	@$(BIN)/python -m tests.faults.sources --page

.PHONY: mutants
mutants: $(READY)  ## Make models wrong, 800 faults, and say what notices them (half an hour); SEED=2, MODEL=rpt_win_rate
	@$(BIN)/python -m tests.faults.models $(if $(SEED),--seed $(SEED)) $(if $(MODEL),--model $(MODEL),--page)

.venv/bench: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation -e '.[bench]'
	touch .venv/bench

SIZES ?= 4k 100k
REPEAT ?= 3
DATE ?= $(shell date +%F)

.PHONY: bench
bench: .venv/bench  ## Measure runs beside their SQL alone, PostgreSQL and pandas; SIZES="4k 100k 1m" REPEAT=3 DATE=... ONLY="run floor"
	@$(BIN)/python -m benchmarks --sizes "$(SIZES)" --repeat $(REPEAT) --date $(DATE) $(addprefix --only ,$(ONLY))

.PHONY: lock
lock: $(READY)  ## Resolve the dependencies anew into requirements.lock and requirements-spark.lock (hashes, no addresses)
	@$(PYTHON) -m venv .venv/lock
	.venv/lock/bin/pip install --quiet uv
	.venv/lock/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet -o requirements.lock
	# what Spark needs beside them
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["spark"], sep="\n")' \
		| .venv/lock/bin/uv pip compile - --no-deps --universal --python-version 3.11 --constraint requirements.lock \
		--generate-hashes --no-emit-index-url --no-header --no-annotate --quiet -o requirements-spark.lock

$(SPARK): $(READY) requirements-spark.lock
	@java -version > /dev/null 2>&1 || { echo "Spark needs Java 17, for example: apt-get install openjdk-17-jre-headless" >&2; exit 1; }
	echo "Setting up Spark in .venv (a minute or two, once) ..."
	rm -f $(SPARK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-build-isolation --no-deps \
		-r requirements-spark.lock
	touch $(SPARK)

.PHONY: parity
parity: $(SPARK)  ## Build the demo company on DuckDB and on Spark, and compare every table (NIGHTS=3; SCALE=0.05)
	@$(BIN)/python -m tests.parity $(if $(NIGHTS),--nights $(NIGHTS)) $(if $(SCALE),--scale $(SCALE))

.PHONY: clean
clean:  ## Remove what was installed and generated, but nothing below .rapport
	rm -rf .venv *.egg-info dbt_project/target dbt_project/logs
