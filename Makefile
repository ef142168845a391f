# One vocabulary for people, hooks and CI. `make` alone lists it.

PYTHON ?= python3
PORT ?= 5000
COOLDOWN ?= 7 days # a package is locked no earlier: bad releases are mostly found in their first days
UV := $(or $(shell command -v uv),.uv/bin/uv)
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export UV_PYTHON_DOWNLOADS := never
unexport PYTHONDONTWRITEBYTECODE # without bytecode every start takes three times as long
export DVC_NO_ANALYTICS := 1

# --option "value" of a variable of the command line; what the environment calls NAME is no answer
given = $(if $(filter command,$(origin $(1))),--$(2) "$($(1))")

.DEFAULT_GOAL := help
.PHONY: help init run pr report test test-slow doctor check lock audit environment plots ui serve image pin \
	monitor explain backtest dashboard score tune clean bench-pipeline bench-gates bench-batch bench-serving bench-promotion \
	bench-monitor bench-backtest

help: ## list every target
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

init: .venv/.installed ## make this copy yours: NAME, OWNER, HOLDER; FROM=table.csv TARGET=column
	@mlops init $(call given,NAME,name) $(call given,OWNER,owner) $(call given,HOLDER,licence-holder) \
		$(call given,FROM,from) $(call given,TARGET,target) $(call given,KIND,kind) $(call given,KEY,key) \
		$(call given,BLOCK,block) $(call given,TIME,time) $(if $(call given,YES,yes),--yes)

run: .venv/.installed ## obtain the data, reproduce the pipeline, show the result
	@mlops run

pr: .venv/.installed ## run what a pull request runs, against the base branch: BASE=main
	@mlops pr $(if $(BASE),--base $(BASE))

report: .venv/.installed ## print the comment of the last `make pr`, and write its full page
	@mlops report

test: .venv/.installed ## run the tests; COVERAGE=1 measures what they reach, which takes longer
	@pytest -n 2 --dist worksteal $(if $(COVERAGE),--cov)

test-slow: .venv/.installed ## run the tests that take minutes: the whole pipeline, bit for bit
	@pytest -n 2 --dist worksteal -m slow

doctor: .venv/.installed ## look at the machine, the repository and GitHub's settings
	@mlops doctor

check: .venv/.installed ## lint, format, types: what the pre-commit hooks run
	@pre-commit run --all-files

monitor: .venv/.installed ## look whether the champion still fits: BATCH=file, LABELS=file
	@mlops monitor $(BATCH) $(if $(LABELS),--labels $(LABELS))

explain: .venv/.installed ## say what each input adds to a prediction: ROWS=file
	@mlops explain $(ROWS)

backtest: .venv/.installed ## replay the source's periods: what retraining and the gates were worth
	@mlops backtest

tune: .venv/.installed ## search for better parameters, on the training rows alone: TRIALS=30
	@mlops tune $(if $(TRIALS),--trials $(TRIALS))

dashboard: .venv/.installed ## write what git knows of the model as pages: reports/dashboard/
	@mlops dashboard

score: .venv/.installed ## rate this copy by the ML Test Score, with the evidence: AT_LEAST=points
	@mlops score $(call given,AT_LEAST,at-least)

plots: .venv/.installed ## draw the curves as PNG into reports/png/
	@mlops plots

ui: .venv/.installed ## serve MLflow's pages on the runs logged here, on PORT
	@mlflow ui --backend-store-uri sqlite:///mlflow.db --port $(PORT)

serve: .venv/.installed ## serve the exported model on this machine, on PORT
	@mlops serve $(if $(filter command line environment,$(origin PORT)),--port $(PORT))

image: .venv/.installed ## build the image of the model server: TAG=name:tag
	@mlops image $(if $(TAG),--tag $(TAG))

pin: .venv/.installed ## write the digest of the base image into the Dockerfile
	@mlops pin

bench-pipeline: .venv/.installed ## measure the pipeline against a bare script
	@PYTHONPATH=benchmarks python benchmarks/pipeline/bench.py

bench-gates: .venv/.installed ## measure how often the gates err, and how fast they are
	@PYTHONPATH=benchmarks python -m gates.bench

bench-promotion: .venv/.installed ## measure what a promotion adds to its pipeline and its image
	@PYTHONPATH=benchmarks python -m promotion.bench

bench-monitor: .venv/.installed ## measure the drift check against evidently, and what each calls drift
	@PYTHONPATH=benchmarks python -m monitor.bench

bench-backtest: .venv/.installed ## measure what the gates were worth in a year of flights
	@PYTHONPATH=benchmarks python -m backtest.bench

bench-batch: .venv/.installed ## measure batch scoring against a bare loop, and its memory
	@PYTHONPATH=benchmarks python -m batch.bench

bench-serving: .venv/.installed ## measure the server against its peers, and what stands between it and the limit
	@PYTHONPATH=benchmarks python benchmarks/serving

environment: .venv/.installed ## bring .venv to what requirements/ pins

lock: export UV_EXCLUDE_NEWER = $(strip $(COOLDOWN))
lock: UPGRADED = $(if $(filter all,$(UPGRADE)),--upgrade,$(addprefix --upgrade-package ,$(UPGRADE)))
lock: $(UV) ## pin every package as pyproject.toml asks; UPGRADE=name, or all, takes newer versions
	@$(UV) pip compile -q $(UPGRADED) --universal --generate-hashes --no-annotate pyproject.toml --group dev \
		--custom-compile-command "make lock" -o requirements/dev.txt
	@$(UV) pip compile -q $(UPGRADED) --universal --generate-hashes --no-annotate pyproject.toml --group problem \
		--custom-compile-command "make lock" -c requirements/dev.txt -o requirements/run.txt
	@$(UV) pip compile -q $(UPGRADED) --universal --generate-hashes --no-annotate --group serving \
		--custom-compile-command "make lock" -c requirements/dev.txt -o requirements/serve.txt
	@$(UV) pip compile -q $(UPGRADED) --universal --generate-hashes --no-annotate requirements/uv.in \
		--custom-compile-command "make lock" -o requirements/uv.txt

audit: .venv/.installed ## ask OSV which of the pinned packages have a known vulnerability
	@mkdir -p .mlops
	@awk 'BEGIN { print "# /// script\n# requires-python = \">=3.11\"\n# dependencies = [" } \
		/^[a-z0-9]/ { sub(/ \\$$/, ""); printf "#   \"%s\",\n", $$0 } \
		END { print "# ]\n# ///" }' requirements/dev.txt > .mlops/locked.py
	@$(BIN)/uv audit --preview-features audit-command $(if $(OSV),--service-url $(OSV)) \
		--script .mlops/locked.py

clean: ## remove the environment and everything that can be made again, data/ and cache included
	@rm -rf .venv .uv .mlops artifacts data .dvc/cache .dvc/tmp mlflow.db mlruns mlartifacts

.venv/.installed: requirements/dev.txt pyproject.toml | $(UV)
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"Python 3.11 or newer is needed, this is {v.major}.{v.minor}: make PYTHON=/path/to/python3")'
	@$(UV) venv -q --allow-existing --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv
	@echo "installing what requirements/dev.txt pins into .venv"
	@VIRTUAL_ENV=.venv $(UV) pip sync --require-hashes requirements/dev.txt
	@VIRTUAL_ENV=.venv $(UV) pip install -q --no-deps -e .
	@touch $@

.uv/bin/uv: requirements/uv.txt
	@echo "bringing uv into .uv"
	@$(PYTHON) -m venv .uv || { echo "error: $(PYTHON) cannot make environments; install its venv module (python3-venv on Debian) or uv"; exit 3; }
	@.uv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@
