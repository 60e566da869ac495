# The targets of this repository; CI (.ci/run) runs the same ones.
# Needs Python 3.11 or newer for development (the SDK itself runs on 3.9); uses uv where present, else venv and pip.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
BENCH := .bench
# Tests wait more than they compute, so twice as many processes as processors; a free one takes over the work of others.
PARALLEL = --numprocesses $$($(BIN)/python -c 'import os; print(2 * os.cpu_count())') --dist worksteal
EXTRAS := cli,websockets,speedups,aiohttp,httpx2,socks,mock,speech,ears
AUTOBAHN := .autobahn
AUTOBAHN_VERSION := 25.10.1
VENDOR_PACKAGE := cartesia[aiohttp,websockets]==4.2.0
INTEGRATIONS := .integrations
# What is tried on the mock server: the name of its environment, and its packages.
livekit_PACKAGES := livekit-agents==1.8.9 livekit-plugins-cartesia==1.8.9
pipecat_PACKAGES := pipecat-ai[cartesia]==1.14.0
vendor-2_PACKAGES := cartesia==2.0.17
vendor-3_PACKAGES := cartesia[websockets]==3.5.1
vendor-4_PACKAGES := cartesia[websockets]==4.2.0
INTEGRATED := livekit pipecat vendor-2 vendor-3 vendor-4
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
# Some containers forbid Python to keep its bytecode: the hundreds of processes of the tests would compile all anew.
export PYTHONDONTWRITEBYTECODE :=
# The threads of numpy's OpenBLAS wait for work in a loop, on processors that run other tests: the mock's matrices are small.
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: help setup demo check test contract reliability fuzz soak spec-diff api-diff pythons generate check-generated golden table lint format types \
	mypy pyright core mock bench autobahn integrations docs clean

help:  ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 20

setup: $(INSTALLED)  ## make .venv and install everything into it

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "development needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@echo "installing the package and the tools of development into .venv: 750 MB, a minute or two"
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --allow-existing --python $(PYTHON) .venv && \
		uv pip install --python $(BIN)/python --editable '.[$(EXTRAS)]' --group dev; \
	else \
		$(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet --upgrade pip && \
		$(BIN)/python -m pip install --editable '.[$(EXTRAS)]' --group dev; \
	fi
	@touch $@

demo: setup  ## speak a sentence into a file, and hear it back: on the mock, or on the API when CARTESIA_API_KEY is set
	@$(BIN)/python examples/demo.py

test: setup  ## every test, with coverage, in 5 to 6 minutes on 2 processors; ARGS="-k word" picks
	@$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(PARALLEL) $(ARGS)
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

contract: setup  ## test that document, client and mock agree, in 2 minutes; longer: make contract EXAMPLES=500; API_DATE=2026-08-14
	$(BIN)/python -m pytest $(PARALLEL) tests/contract $(ARGS)

spec-diff: setup  ## say what the document's change since BASE (a git revision, HEAD by default) means for users; or FROM=2025-11-04 TO=2026-08-14
	@$(BIN)/python -m scripts.spec_diff $(if $(FROM),--from $(FROM) --to $(TO),$(or $(BASE),HEAD))

api-diff: setup  ## list the changes of the Python interface since BASE (the last tag by default) that break users' code
	@$(BIN)/python -m scripts.api_diff $(BASE)

generate: setup  ## rewrite generated/, the bundled document and the derived sync modules
	$(BIN)/python -m scripts.generate
	$(BIN)/python -m scripts.unasync

check-generated: setup  ## fail on an edited, missing or stale generated file, naming it
	@status=0; for step in generate unasync; do $(BIN)/python -m scripts.$$step --check || status=1; done; exit $$status

table: setup  ## write what the document says into the table of tests/contract, for review
	$(BIN)/python -m tests.contract.update_table
	$(BIN)/python -m tests.contract.update_dated_tables

golden: setup  ## rewrite the expected output of the generator's golden cases
	$(BIN)/python -m tests.generated.update_golden

lint: setup  ## style, layers, the document of each date, and whether the mock serves it
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python -m scripts.dated_versions
	$(BIN)/python -m cartesia_mock.handlers
	$(BIN)/openapi-spec-validator --subschema-errors all openapi/openapi.yaml

format: setup  ## let ruff correct what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: setup  ## both type checkers, strict, in half a minute
	@$(MAKE) --no-print-directory --jobs mypy pyright

mypy pyright: setup
	$(BIN)/$@

core: setup
	$(BIN)/python -m pytest -q $(PARALLEL) tests/runtime tests/overrides tests/generated

check: setup  ## lint, types, and the tests of the runtime and of generated code, in a minute: what to run while working
	@$(MAKE) --no-print-directory --jobs --keep-going lint mypy pyright core

mock: setup  ## run the mock server on http://127.0.0.1:4010
	$(BIN)/cartesia-mock

bench: setup $(BENCH)/.installed  ## measure beside the vendor's package, in 9 minutes; SHORT=1 only sees that it works, ONLY="words" picks rows
	$(BIN)/python -m tests.benchmarks --vendor $(BENCH)/vendor/bin/python --ours $(BENCH)/ours/bin/python \
		$(if $(SHORT),--short) --only '$(ONLY)'

# Two environments: the vendor's package has our import name, and ours is measured as its users have it, without the
# tools of development (httpx, for one, imports much more where click and rich are installed).
$(BENCH)/.installed: pyproject.toml Makefile
	@for name in vendor ours; do \
		if [ $$name = vendor ]; then what='$(VENDOR_PACKAGE) uvloop'; else what='--editable .[websockets,speedups] aiohttp httpx-aiohttp httpx2 uvloop'; fi; \
		if command -v uv >/dev/null 2>&1; then \
			uv venv --quiet --allow-existing --python $(BIN)/python $(BENCH)/$$name && \
			uv pip install --quiet --python $(BENCH)/$$name/bin/python $$what; \
		else \
			$(BIN)/python -m venv $(BENCH)/$$name && $(BENCH)/$$name/bin/python -m pip install --quiet $$what; \
		fi || exit; \
	done
	@touch $@

# Autobahn's test suite was never ported from Python 2.7. pyenv's command `python2.7` needs the variable to be told which.
PYTHON2 ?= PYENV_VERSION=2.7.18 python2.7
autobahn: setup $(AUTOBAHN)/.installed-$(AUTOBAHN_VERSION)  ## test both WebSocket transports with Autobahn's fuzzing server, in half a minute, with Python 2.7; CASES="6.* 9.1.1" picks cases
	$(BIN)/python -m tests.autobahn $(AUTOBAHN) $(CASES)

$(AUTOBAHN)/.installed-$(AUTOBAHN_VERSION):
	@$(PYTHON2) -m pip --version >/dev/null 2>&1 || { \
		echo "make autobahn needs Python 2.7 with pip, since Autobahn's fuzzing server runs on nothing newer:" >&2; \
		echo "    pyenv install 2.7.18      or      make autobahn PYTHON2=/path/to/python2.7" >&2; exit 1; }
	@$(PYTHON2) -m pip install --quiet --disable-pip-version-check --upgrade --target $(AUTOBAHN) \
		autobahntestsuite==$(AUTOBAHN_VERSION)
	@touch $(AUTOBAHN)/zope/__init__.py $@  # pip leaves this package without one, for a .pth file to mend

integrations: setup $(patsubst %,$(INTEGRATIONS)/%/.installed,$(filter-out ours%,$(or $(ONLY),$(INTEGRATED))))  ## try LiveKit, Pipecat and the vendor's packages on the mock, in two minutes and 1 GB; ONLY="livekit vendor-3" picks some
	$(BIN)/python -m tests.integrations $(INTEGRATIONS) $(ONLY)

$(INTEGRATIONS)/%/.installed: Makefile
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --allow-existing --python $(BIN)/python $(@D) && \
		uv pip install --quiet --python $(@D)/bin/python $(foreach package,$($*_PACKAGES),'$(package)'); \
	else \
		$(BIN)/python -m venv $(@D) && $(@D)/bin/python -m pip install --quiet $(foreach package,$($*_PACKAGES),'$(package)'); \
	fi
	@touch $@

# What builds the site needs an environment of its own: it would double that of development.
docs: setup .docs/.installed  ## build the documentation site in site/, where a warning is an error
	$(BIN)/python -m scripts.docs .docs/source
	NO_MKDOCS_2_WARNING=1 .docs/bin/python -m mkdocs build --strict --config-file .docs/source/mkdocs.yml --site-dir $(CURDIR)/site

.docs/.installed: pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --allow-existing --python $(BIN)/python .docs && \
		uv pip install --quiet --python .docs/bin/python --group docs; \
	else \
		$(BIN)/python -m venv .docs && .docs/bin/python -m pip install --quiet --upgrade pip && \
		.docs/bin/python -m pip install --quiet --group docs; \
	fi
	@touch $@

pythons:  ## run the SDK's tests on every Python from 3.9 that is installed, and the README on its wheel, in 2 minutes each; ONLY="3.9 3.13" picks
	@$(PYTHON) -m tests.pythons .pythons $(ONLY)

reliability: setup  ## run the tests of faults, and write docs/reliability.md from what they saw
	WRITE_RELIABILITY=1 $(BIN)/python -m pytest $(PARALLEL) -m fault

fuzz: setup  ## feed the readers random input for longer than `make test` does (FUZZ_EXAMPLES=...)
	FUZZ_EXAMPLES=$(or $(FUZZ_EXAMPLES),5000) $(BIN)/python -m pytest -q tests/faults/test_fuzz.py --timeout 3600
	FUZZ_EXAMPLES=$(or $(FUZZ_EXAMPLES),5000) $(BIN)/python -m pytest -q -m hypothesis --hypothesis-profile fuzz \
		tests/runtime tests/overrides tests/mock --timeout 3600
	$(MAKE) reliability

soak: setup  ## drop many more connections at random points than `make test` does (SOAK_CONNECTIONS=...)
	SOAK_CONNECTIONS=$(or $(SOAK_CONNECTIONS),1000) $(BIN)/python -m pytest -q -k test_soak tests/faults
	$(MAKE) reliability

clean:  ## remove what the commands above made
	rm -rf .venv .bench .autobahn .integrations .pythons .docs site .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .schemathesis \
		examples/*.wav examples/*.srt
