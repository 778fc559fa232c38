# Everything a fresh clone needs: Python 3.11 or newer, make, and the Python package index.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
SECONDS ?= 60
export PIP_DISABLE_PIP_VERSION_CHECK := 1
DEMO_PLAN := fixtures/kiro/setting-for-one-region-changed-everywhere/plan.json

BROWSER := tests/render/browser

.PHONY: test lint pytest browser browser-packages demo bench fuzz clean

test: lint pytest

lint: .venv/developer
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

pytest: .venv/developer
	$(BIN)/pytest -n 2 --dist loadfile

# Opens the page in a real browser. Needs Chromium (apt-get install chromium) and Node.
browser: .venv/developer browser-packages
	$(BIN)/pytest tests/render/test_browser.py

browser-packages: $(BROWSER)/node_modules/.package-lock.json

$(BROWSER)/node_modules/.package-lock.json: $(BROWSER)/package-lock.json
	npm ci --prefix $(BROWSER) --no-audit --no-fund --silent
	@touch $@

demo: .venv/user
	@echo '$$ scopegate review $(DEMO_PLAN)'
	@$(BIN)/scopegate review $(DEMO_PLAN); code=$$?; case $$code in \
	  10) echo 'Exit code 10: it needs sign-off. A merge that waits for this command stays shut.';; \
	  11) echo 'Exit code 11: it is blocked. A merge that waits for this command stays shut.';; \
	  *) echo "Exit code $$code, but this plan should be stopped with 10 or 11." >&2; exit 1;; \
	esac

bench: .venv/developer
	$(BIN)/python -m benchmarks.run --write docs/performance.md

# Guided by coverage where atheris has a build for this Python; without it the other half goes on, and says so.
fuzz: .venv/developer
	-$(BIN)/python -m pip install --quiet --group fuzz
	$(BIN)/python -m benchmarks.trust.campaign --seconds $(SECONDS)
	$(BIN)/python -m benchmarks.trust.grow --every 60

clean:
	rm -rf .venv build dist benchmarks/out .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# pip understands dependency groups since 25.1; the one that comes with Python may be older.
.venv/developer: .venv/user
	$(BIN)/python -m pip install --quiet 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

.venv/user: pyproject.toml
	@test -n '$(PYTHON)' || { echo 'scopegate needs Python 3.11 or newer on the PATH; or say make PYTHON=/path/to/python.' >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@
