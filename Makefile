# Bedside. `make run` starts everything; `make test` runs every test that needs no outside service.
.DEFAULT_GOAL := help
.PHONY: help run test fast lint env train understand learn bench lock clean
PY := .venv/bin/python

help: ## Show this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 10

env: ## Build the environment in .venv
	@deploy/environment.sh

run: env ## Start everything and chat in the browser (RUN="--rest --port 5006" passes flags on)
	@.venv/bin/bedside run $(RUN)

train: env ## Train the model, when anything has changed
	@.venv/bin/bedside train

lint: env ## Style, types and the direction of imports
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports

test: lint train ## Every test that needs no outside service
	@.venv/bin/python -m pytest

fast: env ## The tests that need neither model nor server
	@.venv/bin/python -m pytest tests/unit

understand: env ## The report on understanding: accuracy, weakest types, a picture in docs/
	@$(PY) -m bedside.learning.report

learn: env ## Make the sentence net and the screen again, after their data has grown (an hour)
	@$(PY) -m bedside.learning.make

bench: env ## Ratios against the stock `rasa init` bot, side by side
	@$(PY) -m bench.bench

lock: ## Lock the versions again, after pyproject.toml has changed
	UV_CUSTOM_COMPILE_COMMAND="make lock" uv pip compile --quiet --python-version 3.10 pyproject.toml --extra server --extra dev --override overrides.txt --generate-hashes -o requirements.lock
	UV_CUSTOM_COMPILE_COMMAND="make lock" uv pip compile --quiet --python-version 3.10 pyproject.toml --generate-hashes -c requirements.lock -o requirements-services.lock
	echo uv | UV_CUSTOM_COMPILE_COMMAND="make lock" uv pip compile --quiet --python-version 3.10 - --generate-hashes -c requirements.lock -o requirements-uv.lock

clean: ## Remove what was built; the records in var/ stay
	rm -rf .venv .build .rasa models .mypy_cache .ruff_cache .pytest_cache
