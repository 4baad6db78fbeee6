# The entrance. From a fresh clone, with Python 3.11 and make alone: `make run`, `make test`.

PYTHON ?= python3
BIN := .venv/bin
SYNCED := .venv/.synced
PROJECTS := pyproject.toml uv.lock $(wildcard libs/*/pyproject.toml services/*/pyproject.toml)
SOURCES := libs services tests
WEB := services/console/web
NPM := PATH="$$PATH:$(CURDIR)/$(BIN)" npm --prefix $(WEB) run --silent
# What tests take: `make test TESTS=services/intake`; none: all, those of whole installations one at a time
TESTS ?=

.DEFAULT_GOAL := help
.PHONY: help setup run test test-fast lint format types migrate cluster faults alerts drills rolling exchange bench docs schemas clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

setup: $(SYNCED) ## Make .venv with everything in it

$(SYNCED): $(PROJECTS) $(WEB)/package-lock.json $(WEB)/index.html $(WEB)/vite.config.ts $(shell find $(WEB)/src -type f -not -name schema.d.ts)
	@.ci/setup "$(PYTHON)"
	@touch $@

run: $(SYNCED) ## All services on SQLite in ./data, the packs, one drill; stays up until Ctrl-C
	@$(BIN)/sigap up

test: $(SYNCED) ## Every test; what is missing on this machine is skipped and listed
ifeq ($(TESTS),)
	@failed=0; \
	$(NPM) test || failed=1; \
	$(BIN)/pytest -m "not slow" -n 2 --dist loadfile libs services || failed=1; \
	$(BIN)/pytest -m "not slow" --ignore tests/hostile tests || failed=1; \
	$(BIN)/pytest -m "not slow" -n 2 --dist loadgroup tests/hostile || failed=1; \
	exit $$failed
else
	$(BIN)/pytest -m "not slow" $(TESTS)
endif

test-fast: $(SYNCED) ## Tests that need neither PostgreSQL, Kafka nor Keycloak; stops at the first failure
	$(BIN)/pytest -x -q -m "not slow and not postgres and not kafka and not keycloak" $(TESTS)

lint: $(SYNCED) ## ruff and the import rules; biome for the console
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(NPM) lint

format: $(SYNCED) ## Let ruff and biome put the code in form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(NPM) format

types: $(SYNCED) ## mypy, strict; tsc against the API's document
	$(BIN)/mypy $(wildcard libs/*/src services/*/src libs/*/tests services/*/tests) tests
	$(BIN)/sigap openapi > $(WEB)/openapi.json
	$(NPM) schema > /dev/null
	$(NPM) types

migrate: $(SYNCED) ## Databases to their newest revision, topics made, as the settings say
	$(BIN)/sigap migrate

cluster: $(SYNCED) ## The cluster shape on this machine: PostgreSQL, Kafka, one process a service
	$(BIN)/sigap up --cluster

faults: $(SYNCED) ## Kill, stop and starve what runs while calls flow, the long form
	$(BIN)/python -m tests.faults.run

alerts: $(SYNCED) ## Break parts of a cluster on this machine and wait for their alerts in a real Prometheus
	$(BIN)/pytest -q -m slow tests/faults/test_alerts_fire.py

drills: $(SYNCED) ## Restore the databases of a cluster beside its log, and lose its log
	$(BIN)/pytest -q -m slow tests/faults/test_restore.py

rolling: $(SYNCED) ## Replace every pod of a city on this machine while calls come; SIGAP_IMAGE=... as containers too
	$(BIN)/pytest -q -m slow tests/deploy/test_rolling.py

exchange: $(SYNCED) ## Calls by SIP (sipp) through Kamailio, which tells intake of them; INSTALL=yes gets both by apt-get
	$(BIN)/python -m tests.exchange.run $(if $(INSTALL),--install)

bench: $(SYNCED) ## Measure against the bare baseline
	$(BIN)/python -m tests.load

docs: schemas ## What is made from the code anew: event pages, the edge's routes, the list of published secrets
	$(BIN)/python -m sigap_cli.published_search
	$(BIN)/python -m sigap_cli.edge_routes > deploy/compose/nginx.conf.new \
		&& mv deploy/compose/nginx.conf.new deploy/compose/nginx.conf
	$(BIN)/python -m sigap_cli.edge_routes host > deploy/systemd/nginx.conf.new \
		&& mv deploy/systemd/nginx.conf.new deploy/systemd/nginx.conf
	$(BIN)/python -m sigap_cli.kubernetes
	$(BIN)/sigap asyncapi --format yaml > docs/asyncapi.yaml.new && mv docs/asyncapi.yaml.new docs/asyncapi.yaml
	$(BIN)/sigap asyncapi --format markdown > docs/events.md.new && mv docs/events.md.new docs/events.md

schemas: $(SYNCED) ## Write the events' schema snapshots anew; refuses what is not additive
	$(BIN)/python -m sigap_cli.contract_snapshots

clean: ## Remove what was made: environment, caches, data
	rm -rf $(WEB)/node_modules services/console/src/sigap_console/built
	rm -rf .venv .run data .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
