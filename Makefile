# `make run` serves the app with the demo events; `make test` checks and tests everything.
# Both make .venv and install what they need the first time, and work offline afterwards.

# Another Python than the first that is found: make run PYTHON=python3.12
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.installed-run
TEST_STAMP := $(VENV)/.installed-test
ARGS ?=
# Compiled when the app is installed; where that fails, plain torch serves.
KERNEL := setup.py $(wildcard inference/sparse/native/*)

.PHONY: run test test-browser test-others check format clean

run: $(RUN_STAMP)
	$(BIN)/python app.py $(ARGS)

# Browser tests beside all others, each telling what it has to say at its end. Threads that wait sleep:
# spinning ones would take the cores from the browser.
test: check
	$(MAKE) --jobs 2 --output-sync=target test-browser test-others

test-browser test-others: export CI := 1
test-browser test-others: export OMP_WAIT_POLICY := passive

test-browser: $(TEST_STAMP)
	$(BIN)/python -m pytest tests/browser $(ARGS)

test-others: $(TEST_STAMP)
	$(BIN)/python -m pytest tests --ignore tests/browser $(ARGS)

check: $(TEST_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(TEST_STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build *.egg-info inference/sparse/_kernel*.so

$(BIN)/python:
	sh .ci/make-venv $(VENV) $(PYTHON)

# torch first and pinned: any looser request would bring gigabytes of CUDA libraries.
$(RUN_STAMP): $(BIN)/python pyproject.toml constraints.txt $(KERNEL)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch==2.13.0
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(TEST_STAMP): $(RUN_STAMP)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	sh .ci/install-chromium
	sh .ci/install-postgresql
	sh .ci/install-redis
	touch $@
