# Each target sets up what it needs: uv (from PyPI, into var/), Python 3.10 (found or brought by
# uv) and the locked packages. Only git, make and a Python 3 with venv have to be there.

SHELL := /bin/bash
UV_VERSION := 0.13.9
export RASA_TELEMETRY_ENABLED := false
# A pyenv hides its versions behind shims that work only when one is chosen.
export PYENV_VERSION := $(shell pyenv versions --bare 2>/dev/null | grep -m1 '^3\.10\.')

UV := $(shell command -v uv 2>/dev/null || echo var/uv/bin/uv)
RUN := .venv/bin
QUESTIONS := tests/evaluation
# More processes than two cores: tests of running products mostly wait. The tests of a file share
# what it starts. In the order of folders, or the files with the longest tests would all come last.
SIDE_BY_SIDE := --numprocesses 3 --dist loadscope --no-loadscope-reorder

.PHONY: run test check bench bench-nlu evaluate train chat lint audit licences setup

run: setup  ## run everything; without Slack tokens a local Slack plays along
	@exec $(RUN)/hrbot run

chat: setup  ## talk to the running assistant in the terminal
	@exec $(RUN)/hrbot chat

train: setup  ## train the model if its files have changed
	@$(RUN)/hrbot train

test: setup  ## all tests, reduced counts; under ten minutes on two cores
	@$(RUN)/pytest $(SIDE_BY_SIDE)

check: setup  ## all tests, full counts
	@HRBOT_TEST_FULL=1 $(RUN)/pytest $(SIDE_BY_SIDE)

bench: setup  ## speed, as ratios and medians
	@$(RUN)/python -m tests.bench

bench-nlu: setup  ## understanding beside stock Rasa, one to two hours; writes docs/benchmarks.md
	@$(RUN)/python -m tests.bench.nlu

evaluate: setup  ## how right the trained model is; pictures and figures in var/evaluation
	@$(RUN)/hrbot evaluate --cross-validate --plots var/evaluation/cross-validation
	@$(RUN)/hrbot evaluate --questions $(QUESTIONS)/validation --plots var/evaluation/validation
	@$(RUN)/hrbot evaluate --questions $(QUESTIONS)/test --plots var/evaluation/test

lint: setup  ## code style and data files
	@$(RUN)/ruff check . && $(RUN)/ruff format --check . && $(RUN)/hrbot validate

audit: setup  ## known holes of the locked packages, where the service that knows them answers
	@.ci/audit

licences: setup  ## write docs/licences.md from what is installed
	@$(RUN)/python -m tests.licences

setup: .venv/.locked

.venv/.locked: uv.lock pyproject.toml | $(UV)
	@echo "Installing the locked packages (the first time takes a minute or two)…"
	@$(UV) sync --frozen --python 3.10
	@touch $@

var/uv/bin/uv:
	@echo "Bringing uv…"
	@python3 -m venv var/uv && var/uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
