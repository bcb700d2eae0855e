# The commands of the project; `make help` lists them.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: run test check bench soak sbom help format services translations

PY := .venv/bin/python
# Written when an environment is complete, so that a second run has nothing to do. The one for tests holds the other.
RUN_STAMP := .venv/.run
DEV_STAMP := .venv/.dev
JOBS ?= 2
ARGS ?=

# An address given to make (make run HOST=::1 PORT=8001) is the portal's; otherwise its own settings count.
export PORTAL_HOST := $(or $(HOST),$(PORTAL_HOST))
export PORTAL_PORT := $(or $(PORT),$(PORTAL_PORT))

ifeq ($(TLS),1)
# The demo on https, with an authority of its own; the portal makes the files when it starts.
export PORTAL_PORT := $(or $(PORT),8443)
export PORTAL_BASE_URL := https://localhost:$(PORTAL_PORT)
export PORTAL_TLS_CERTIFICATE := $(or $(PORTAL_INSTANCE_DIR),instance)/demo/server.pem
export PORTAL_TLS_KEY := $(or $(PORTAL_INSTANCE_DIR),instance)/demo/server.key
endif

$(DEV_STAMP): requirements-dev.lock tools/environment.sh tools/link.py
	@echo "Setting up .venv for tests ..."
	@PYTHON="$(PYTHON)" tools/environment.sh requirements-dev.lock
	@touch $(RUN_STAMP) $@

$(RUN_STAMP): requirements.lock tools/environment.sh tools/link.py
	@echo "Setting up .venv ..."
	@PYTHON="$(PYTHON)" tools/environment.sh requirements.lock
	@touch $@

run: $(RUN_STAMP) ## Start the portal with its demo data on http://localhost:8000 (HOST=, PORT=, TLS=1)
	@exec $(PY) -m portal.cli.main serve --prepare

# File by file, so that what a module sets up for its tests is set up once, and in the order of tests/order.py. What is compiled is kept,
# whatever the shell says: tests start hundreds of processes, and each would compile the portal anew.
test: $(DEV_STAMP) services ## Pass all tests (ARGS="tests/core -k settings" for some)
	@exec env -u PYTHONDONTWRITEBYTECODE $(PY) -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(DEV_STAMP) ## Formatter, linter, types, import rules, templates, translations
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	.venv/bin/djlint --lint --quiet templates
	$(PY) -m tools.templates
	$(PY) -m tools.translations

bench: $(DEV_STAMP) services ## Measure, one line for each figure
	@exec $(PY) -m bench $(ARGS)

soak: $(DEV_STAMP) services ## The tests that take long
	@exec $(PY) -m pytest -m soak --timeout 0 $(ARGS)

sbom: $(DEV_STAMP) ## Write build/sbom.json, what the portal is made of (CycloneDX)
	@exec $(PY) -m tools.sbom

format: $(DEV_STAMP) ## Format the code and mend what the linter can
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

services: $(DEV_STAMP) ## Install or name what the tests need of the machine
	@$(PY) -m tools.services

translations: $(DEV_STAMP) ## Bring new sentences into the English catalogue
	$(PY) -m tools.translations --update

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' Makefile
