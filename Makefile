# Run `make` alone to see what there is.
# PYTHON  which Python makes the environment (3.11 to 3.13)
# VENV    where it is, or an existing one to use: make setup VENV=$CONDA_PREFIX
# COURSE  the folder that `make lab` opens: make lab COURSE=build/demo
# ARGS    further arguments for pytest, JupyterLab or the lock: make test ARGS="-k kernels"
PYTHON ?= python3
VENV ?= .venv
COURSE ?= course
ARGS ?=

READY := $(VENV)/.ready
BIN := $(abspath $(VENV)/bin)
BUILD := $(CURDIR)/build

# Tests and the demo leave a person's own Jupyter, Keras and Matplotlib settings alone, and need none.
TIDY = mkdir -p "$(BUILD)/home" && env HOME="$(BUILD)/home" \
	JUPYTER_CONFIG_DIR="$(BUILD)/home/jupyter/config" \
	JUPYTER_DATA_DIR="$(BUILD)/home/jupyter/data" \
	JUPYTER_RUNTIME_DIR="$(BUILD)/home/jupyter/runtime" \
	IPYTHONDIR="$(BUILD)/home/ipython" \
	MPLCONFIGDIR="$(BUILD)/home/matplotlib" \
	KERAS_HOME="$(BUILD)/home/keras" \
	XDG_CACHE_HOME="$(BUILD)/home/cache" \
	XDG_CONFIG_HOME="$(BUILD)/home/config" \
	XDG_DATA_HOME="$(BUILD)/home/share" \
	PATH="$(BIN):$$PATH"

export PIP_DISABLE_PIP_VERSION_CHECK = 1
# Downloads stay in build/ while an install runs, so that one that broke off goes on where it was.
export PIP_CACHE_DIR ?= $(BUILD)/pip

.PHONY: help setup notebooks test mutants alarms lint lab demo wheel lock clean
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' Makefile | \
		while IFS='|' read -r name text; do printf '%-16s%s\n' "$$name" "$$text"; done

setup: $(READY) ## make .venv from the locked packages and register both kernels

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || { \
		echo "setup: $(PYTHON) is `$(PYTHON) --version 2>&1 | tail -n 1`; expected Python 3.11, 3.12 or 3.13. Name one: make setup PYTHON=python3.12" >&2; exit 1; }
	@"$(BIN)/python" -m pip --version >/dev/null 2>&1 || { \
		$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
			echo "setup: this Python has no ensurepip; install it first (Debian and Ubuntu: apt-get install python3-venv)" >&2; exit 1; }; \
		if [ -e "$(VENV)" ] && [ ! -e "$(VENV)/pyvenv.cfg" ] && [ -n "`ls -A "$(VENV)"`" ]; then \
			echo "setup: $(VENV) has no pip and was not made by venv; it is left alone" >&2; exit 1; fi; \
		echo "setup: making $(VENV) with `$(PYTHON) --version`"; \
		$(PYTHON) -m venv --clear "$(VENV)"; }
	@echo "setup: installing the locked packages (about 1 GB to fetch the first time; 2 to 10 minutes)"
	@"$(BIN)/python" -m pip install --quiet --require-hashes -r requirements.lock
	@echo "setup: installing the course and the grader from this folder"
	@"$(BIN)/python" -m pip install --quiet --no-deps --no-build-isolation -e .
	@$(TIDY) "$(BIN)/python" -m unrolled.kernels
	@rm -rf "$(BUILD)/pip"
	@touch $@
	@echo "setup: done"

notebooks: $(READY) ## write solutions/ into the course's notebooks and make them canonical
	@"$(BIN)/python" -m autograder.notebooks $(ARGS)

lint: $(READY) ## check style and format, notebooks too
	@"$(BIN)/python" -m ruff check .
	@"$(BIN)/python" -m ruff format --check .

# A process per core, but no more than four: each holds TensorFlow, about 1.5 GB.
test: lint ## run all tests, after lint; ARGS goes to pytest
	@$(TIDY) "$(BIN)/python" -m pytest -n auto --maxprocesses 4 --dist loadgroup $(ARGS)

mutants: $(READY) ## change the solutions line by line, and see that the checks notice
	@cd tests && $(TIDY) "$(BIN)/python" -m mutants $(ARGS)

alarms: $(READY) ## check right answers with 50 sets of cases each, and count false alarms
	@cd tests && $(TIDY) "$(BIN)/python" -m alarms $(ARGS)

# Jupyter wants root to say so; in a container there often is nobody else.
lab: $(READY) ## open the course, or COURSE=build/demo, in JupyterLab
	@cd "$(COURSE)" && PATH="$(BIN):$$PATH" "$(BIN)/python" -m jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) $(ARGS)

demo: $(READY) ## make a sample class and grade it, in build/demo
	@rm -rf build/demo
	@$(TIDY) "$(BIN)/autograder" simulate --course build/demo
	@$(TIDY) "$(BIN)/autograder" grade basic_cell lstm_variants --course build/demo

wheel: $(READY) ## build what students and their CI install, without solutions, into dist/
	@rm -f dist/unrolled-*.whl
	@"$(BIN)/python" -m pip wheel --quiet --no-cache-dir --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist/*.whl

# A pin stays where it is unless a bound forbids it; `make lock ARGS=--upgrade` moves them all.
lock: ## remake requirements.lock from pyproject.toml
	@echo "lock: resolving for Python 3.11 to 3.13 and every system"
	@rm -rf build/lock && mkdir -p build/lock && $(PYTHON) -m venv build/lock/venv
	@build/lock/venv/bin/python -m pip install --quiet uv
	@build/lock/venv/bin/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' > build/lock/backend.in
	@if [ -e requirements.lock ]; then cp requirements.lock build/lock/pins.txt; fi
	@build/lock/venv/bin/uv pip compile pyproject.toml build/lock/backend.in --all-extras --quiet \
		--universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
		--no-header --no-annotate $(ARGS) -o build/lock/pins.txt
	@{ echo "# Every package of the course and the grader, made by make lock; edit pyproject.toml instead."; \
		sed '/:\/\//d' build/lock/pins.txt; } > requirements.lock
	@rm -rf build/lock
	@echo "lock: `grep -c == requirements.lock` packages"

clean: ## remove what the targets above made, except .venv
	@rm -rf build dist .pytest_cache .ruff_cache
	@find autograder course solutions tests -name __pycache__ -type d -prune -exec rm -rf {} +
