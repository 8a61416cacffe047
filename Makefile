# Outpatient. The two commands you need are `make run` and `make test`; plain `make` lists the rest.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules
.PHONY: help run test soak check format docs bench lock clean

UV_VERSION := 0.13.8
VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv
ARGS ?=

# The first Python on the path that is new enough (`make run PYTHON=/path/to/python` chooses another).
PYTHON ?= $(shell for name in python3 python3.11 python3.12 python3.13 python3.14 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

# A machine that has run the tests keeps the development packages: they contain everything that `make run` needs, so
# the two commands never undo each other's work. Each stamp is renewed when its lock file changes, and only then.
VENV_STAMP := $(VENV)/.stamp-uv-$(UV_VERSION)
RUN_STAMP := $(VENV)/.stamp-run
DEV_STAMP := $(VENV)/.stamp-dev
CLIENTS := tests/clients
CLIENTS_STAMP := $(CLIENTS)/node_modules/.package-lock.json
READY := $(if $(wildcard $(DEV_STAMP)),$(DEV_STAMP),$(RUN_STAMP))

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PYTHONUTF8 := 1
# Every start of the program would compile all its packages anew, and the tests start it a hundred times.
unexport PYTHONDONTWRITEBYTECODE

say = printf '→ %s\n'
# Runs a command and shows what it said only if it failed.
quietly = said=$$($(1) 2>&1) || { printf '%s\n' "$$said"; exit 1; }

help: ## this list
	@printf '\nOutpatient: the software a clinic runs its day on.\n\n'
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile
	@printf '\n'

run: $(READY) ## install what is missing, prepare the database, serve on HOST:PORT
	@$(say) 'Database: bringing it up to date'
	@$(PY) -m outpatient migrate
	@$(PY) -m outpatient seed --if-empty
	@$(PY) -m outpatient serve

test: $(DEV_STAMP) $(CLIENTS_STAMP) check ## check, then the tests on SQLite and on PostgreSQL (ARGS="-k book" for a part)
	@$(say) 'Tests on SQLite'
	@$(PY) -m pytest -q -n auto --store sqlite --in-pair $(ARGS)
	@$(say) "Tests on $$($(PY) -m tests.postgres)"
	@$(PY) -m pytest -q -n auto --store postgresql --in-pair $(ARGS)

soak: $(DEV_STAMP) ## a night's worth: 20,000 calls to each surface and whole clinic days, on both stores
	@$(say) 'Soak on SQLite (the calls and their answers are shown at the end)'
	@SOAK=1 $(PY) -m pytest $(SOAKED) --store sqlite $(ARGS)
	@$(say) "Soak on $$($(PY) -m tests.postgres)"
	@SOAK=1 $(PY) -m pytest $(SOAKED) --store postgresql $(ARGS)

SOAKED := tests/fuzz tests/day -v -n auto -rP -o faulthandler_timeout=0

check: $(DEV_STAMP) ## format, lint, types, layers, generated docs: nothing is changed
	@$(say) 'Format and lint (ruff)'
	@$(call quietly,$(PY) -m ruff format --check -q --diff)
	@$(call quietly,$(PY) -m ruff check -q)
	@$(say) 'Types (mypy, strict)'
	@$(call quietly,$(PY) -m mypy --no-error-summary)
	@$(say) 'Layers (import-linter)'
	@$(call quietly,$(VENV)/bin/lint-imports --no-logo)
	@$(say) 'Generated docs'
	@$(call quietly,$(PY) -m outpatient.docs --check)

format: $(DEV_STAMP) ## format the code and mend what the linter can mend
	@$(PY) -m ruff check -q --fix-only
	@$(PY) -m ruff format -q

docs: $(READY) ## write the generated docs anew
	@$(PY) -m outpatient.docs

bench: $(DEV_STAMP) ## measure, as ratios within one run
	@$(PY) -m bench $(ARGS)

# The development lock is made first and handed to the other as its preference, so both pin the same versions.
lock: $(READY) ## write both lock files from pyproject.toml (UPGRADE=1 takes newer versions)
	@test -x $(UV) || { echo 'Locking needs uv, which could not be installed here.'; exit 1; }
	@$(say) 'Locking'
	@$(compile) $(if $(UPGRADE),--upgrade) --group dev -o requirements-dev.lock
	@cp requirements-dev.lock $(VENV)/runtime.lock
	@$(compile) -o $(VENV)/runtime.lock
	@mv $(VENV)/runtime.lock requirements.lock

compile = $(UV) pip compile pyproject.toml --quiet --group build --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header

clean: ## remove the environment and every cache (your data stays)
	@rm -rf $(VENV) $(CLIENTS)/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find src tests migrations bench -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# ── the environment ──────────────────────────────────────────────────────────────────────────────────────────────────

# uv installs in a tenth of the time; where it cannot be had, pip installs the same files with the same hashes.
$(VENV_STAMP):
	@test -n "$(PYTHON)" || { echo 'Outpatient needs Python 3.11 or newer: install it, or say make run PYTHON=…'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make environments: install its venv package (Debian, Ubuntu: apt install python3-venv)"; \
		exit 1; }
	@$(say) "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --only-binary :all: uv==$(UV_VERSION) 2>$(VENV)/uv.log || \
		$(say) 'uv cannot be had here; pip will do'
	@touch $@

$(RUN_STAMP): requirements.lock pyproject.toml $(VENV_STAMP)
	@$(call install,requirements.lock)
	@touch $@

$(DEV_STAMP): requirements-dev.lock pyproject.toml $(VENV_STAMP)
	@$(call install,requirements-dev.lock)
	@touch $@

# The clients that others write (npm leaves its stamp when all is there). Where they cannot be had, their tests are skipped.
$(CLIENTS_STAMP): $(CLIENTS)/package-lock.json
	@if command -v node >/dev/null && command -v npm >/dev/null; then \
		$(say) 'Installing the JavaScript clients of the tests'; \
		(cd $(CLIENTS) && npm ci --ignore-scripts --no-audit --no-fund --fetch-retries=1 --silent) || \
			$(say) 'They cannot be had here: their tests will be skipped'; \
	else \
		$(say) 'No Node here: the tests with JavaScript clients will be skipped'; \
	fi

# Packages by hash, then the project itself, editable and without the network: its build backend is in the lock.
install = $(say) "Installing $$(grep -c '==' $(1)) packages from $(1)"; \
	if test -x $(UV) && \
		$(UV) pip sync --quiet --python $(PY) --require-hashes $(1) && \
		$(UV) pip install --quiet --python $(PY) --offline --no-deps --no-build-isolation --editable .; \
	then :; else \
		$(say) 'With pip (this takes a minute)'; \
		$(PY) -m pip install --quiet --require-hashes --no-deps -r $(1) && \
		$(PY) -m pip install --quiet --no-index --no-deps --no-build-isolation --editable .; \
	fi
