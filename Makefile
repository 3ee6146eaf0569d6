# Two commands: `make book` builds the book into _build/html, `make test` proves it. Both make .venv first.
PYTHON ?= python3
CPUS ?= auto

ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -q
PYTEST := $(BIN)/python -m pytest
export IPYTHONDIR := $(CURDIR)/_build/ipython
export PYTHONUTF8 := 1

.PHONY: book test zip pdf jupyter notebooks live recordings fuzz bench lint lock clean

book: .venv/.stamp book/_live/node_modules/.stamp
	$(BIN)/jupyter-book build . -W -n --keep-going -q

test: book lint  # on all cores: the tests, then the notebooks against their stored text; last, what must run alone
	$(PYTEST) -p tests.verified --verified tests -n $(CPUS) --dist loadfile --no-loadscope-reorder -m "not serial" --doctest-modules --cov --cov-report= tests netlab
	$(PYTEST) -p tests.verified --verified notebooks -n $(CPUS) --dist loadfile --nbval book
	$(PYTEST) -p tests.verified --verified alone -m serial --cov --cov-append --cov-report= --floors tests
	$(BIN)/jupyter-book build . -W -n --keep-going -q  # the page of what was verified

zip: book  # an offline copy of the site, with a server of its own
	$(BIN)/python book/_ext/offline.py

pdf: book  # the whole book on paper; needs Chromium
	$(BIN)/python book/_ext/paper.py

jupyter: .venv/.jupyter
	$(BIN)/jupyter lab book

notebooks: .venv/.stamp  # executes every notebook and stores the outputs that differ
	$(BIN)/python book/_ext/fresh_run.py --store book

live: .venv/.stamp  # executes every notebook with NETLAB_LIVE=1: measured anew, nothing from a recording
	NETLAB_LIVE=1 $(BIN)/python book/_ext/fresh_run.py book

recordings: .venv/.stamp  # records every experiment anew, on this kernel, and stores what the notebooks then say
	NETLAB_LIVE=record $(BIN)/python book/_ext/fresh_run.py book
	$(MAKE) notebooks

fuzz: .venv/.stamp  # a million hostile inputs for each test marked `fuzz`
	FUZZ=1000000 $(PYTEST) -n $(CPUS) -m fuzz tests

bench: .venv/.stamp  # netlab beside its peers, in one run
	$(PYTEST) tests/benchmarks --benchmark-enable

lint: .venv/.stamp book/_live/node_modules/.tools
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/node book/_live/node_modules/typescript/bin/tsc --project book/_live

lock: .venv/.stamp  # needs the network: resolves what pyproject.toml asks for, for every Python and system
	$(PIP) install uv
	$(BIN)/python -m uv pip compile -q --universal --generate-hashes --no-strip-extras --python-version 3.11 --upgrade \
		--extra show --extra book --extra test --custom-compile-command "make lock" \
		pyproject.toml -o requirements.lock
	$(BIN)/python -m uv pip compile -q --universal --generate-hashes --no-strip-extras --python-version 3.11 --upgrade \
		--extra jupyter --constraint requirements.lock --custom-compile-command "make lock" \
		--no-emit-package rfc3987-syntax --no-emit-package lark \
		pyproject.toml -o requirements-jupyter.lock  # less two optional ones that add 2.7 s to each build

clean:
	rm -rf _build .venv book/_live/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks .coverage* *.egg-info

.venv/.stamp: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("netlab needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --clear .venv
	$(PIP) install --no-compile --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

NPM := $(BIN)/npm --prefix book/_live ci --ignore-scripts --no-audit --no-fund --loglevel=error

book/_live/node_modules/.stamp: book/_live/package-lock.json .venv/.stamp  # what the site holds
	$(NPM) --omit=dev
	@touch $@

book/_live/node_modules/.tools: book/_live/node_modules/.stamp  # what proves it besides: a type checker, two critics of pages
	$(NPM)
	@touch $@ $<; touch $@

.venv/.jupyter: requirements-jupyter.lock .venv/.stamp
	$(PIP) install --no-compile --no-deps --require-hashes -r requirements-jupyter.lock
	@touch $@
