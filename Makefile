# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# A file stays with one process: its fixtures are made once, and files run in the order of tests/conftest.py.
# One process more than there are cores, up to four, because browsers and killed servers are waited for.
ON_ALL_CORES = --numprocesses $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1) --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: run test test-quick check lint types translations banks lock bench clean

run: $(STAMP)
	$(BIN)/cbt demo

test: $(STAMP)
	$(BIN)/python -m tests.browser
	$(BIN)/python -m pytest $(ON_ALL_CORES)

test-quick: $(STAMP)
	$(BIN)/python -m pytest $(ON_ALL_CORES) -m "not browser and not slow"

check: lint types translations banks
	$(BIN)/python -m pytest tests/house -q

lint: $(STAMP)
	$(BIN)/ruff check cbt tests wsgi.py

types: $(STAMP)
	$(BIN)/mypy

translations: $(STAMP)
	$(BIN)/python -m tests.catalogues

banks: $(STAMP)
	$(BIN)/cbt bank check question_banks --strict --spelling --depth 2 --practice 20

bench: $(STAMP)
	$(BIN)/python -m tests.bench

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || (echo "Python 3.11 or newer is needed" && exit 1)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(STAMP)

# For maintainers, after a change of dependencies: writes versions and hashes, and no address of a registry.
lock:
	uv pip compile --quiet --generate-hashes --universal --no-emit-index-url --no-header --group dev pyproject.toml -o requirements.lock
	! grep -n '://' requirements.lock

clean:
	rm -rf $(VENV) instance .pytest_cache .mypy_cache .ruff_cache build dist
