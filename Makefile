# make demo, make test, make run CONFIG=..., make report CONFIG=...; `make help` lists them.

SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
CONFIG ?= config/demo.yaml
CORES ?= all
BIN := $(VENV)/bin
# The set-up is done again when the lock or the package's metadata change, not when they are touched.
STAMP := $(VENV)/.installed-$(shell cat requirements.txt pyproject.toml | cksum | cut -d' ' -f1)
SNAKEMAKE := PATH="$(CURDIR)/$(BIN):$$PATH" snakemake --cores $(CORES) --workflow-profile "$(CURDIR)/workflow/profiles/default"

.PHONY: given help setup demo new check run robustness plan sheet paper report summary cache test calibrate gallery lint format lock clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(STAMP) ## install the locked environment into .venv (the others do it when needed)

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
	  { echo "frameshift is tested with Python 3.11; this is $$($(PYTHON) --version). Give another: make PYTHON=python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements.txt
	# Where pip takes a CUDA build of torch, its libraries are not in the lock: let pip add them.
	$(BIN)/python -m pip check || $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.installed-* && touch $@

demo: $(STAMP) ## run the workflow on the demo corpus and hold its estimates against what was planted
	@$(SNAKEMAKE) --configfile config/demo.yaml $(ARGS)
	@$(BIN)/frameshift summary results/demo

# A missing file would end in a traceback of Snakemake's.
given:
	@test -f $(CONFIG) || { echo "$(CONFIG): there is no such file; name the configuration of your run: make run CONFIG=config/yours.yaml"; exit 1; }

new: $(STAMP) ## look at a corpus and write config/<name>.yaml for it: make new FILES="articles.csv" [ARGS="--name mine"]
	@test -n "$(FILES)" || { echo 'name the files of your corpus: make new FILES="articles.csv"'; exit 1; }
	@$(BIN)/frameshift new $(FILES) $(ARGS)

check: given $(STAMP) ## say what a run would refuse or reject: make check CONFIG=config/yours.yaml
	@$(BIN)/frameshift check $(CONFIG)

run: given $(STAMP) ## run the workflow: make run CONFIG=config/yours.yaml [CORES=4] [ARGS="-n"]
	@$(SNAKEMAKE) --configfile $(CONFIG) $(ARGS)

robustness: given $(STAMP) ## estimate the findings by other settings, and add that to the report: make robustness CONFIG=config/yours.yaml
	@$(SNAKEMAKE) robustness --configfile $(CONFIG) $(ARGS)
	@$(SNAKEMAKE) --configfile $(CONFIG) $(ARGS)

plan: given $(STAMP) ## say what a finished run can detect, and how many labels that needs: make plan CONFIG=config/yours.yaml
	@$(BIN)/frameshift plan $(CONFIG)

sheet: given $(STAMP) ## draw passages for people to code: make sheet CONFIG=config/yours.yaml
	@$(SNAKEMAKE) draw_coding_sheet --configfile $(CONFIG) $(ARGS)
	@echo "Open results/$(basename $(notdir $(CONFIG)))/coding/sheet.html, or fill in sheet.csv beside it"

paper: given $(STAMP) ## write results/<name>/paper/, the paper's figures, tables and numbers: make paper CONFIG=config/yours.yaml
	@$(SNAKEMAKE) paper --configfile $(CONFIG) $(ARGS)

report: given $(STAMP) ## write results/<name>/report.zip, Snakemake's own report: make report CONFIG=config/yours.yaml
	@$(SNAKEMAKE) --configfile $(CONFIG) --report results/$(basename $(notdir $(CONFIG)))/report.zip $(ARGS)

summary: $(STAMP) ## print the findings of a run: make summary CONFIG=config/yours.yaml
	@$(BIN)/frameshift summary results/$(basename $(notdir $(CONFIG)))

cache: $(STAMP) ## say what the cache of vectors holds, and clean it up: make cache [ARGS="--limit 5GB"]
	@$(BIN)/frameshift cache $(ARGS)

test: $(STAMP) ## run the whole test suite
	@PATH="$(CURDIR)/$(BIN):$$PATH" python -m pytest $(ARGS)

calibrate: $(STAMP) ## simulate how often intervals cover and tests err, for hours: make calibrate [ARGS="--minutes 30"]
	@$(BIN)/python tests/calibration/study.py $(ARGS)

gallery: $(STAMP) ## draw the README's thumbnails from the demo
	@$(MAKE) --no-print-directory robustness CONFIG=config/demo.yaml
	@$(BIN)/python -m frameshift.figures.gallery results/demo workflow/report/gallery

lint: $(STAMP) ## check the style of the code, the rules and the workflow
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/snakefmt --check Snakefile workflow
	@PATH="$(CURDIR)/$(BIN):$$PATH" snakemake --lint --configfile config/demo.yaml

format: $(STAMP) ## bring the code into style
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format . && $(BIN)/snakefmt Snakefile workflow

lock: ## write requirements.txt and envs/frameshift.yaml from what is installed in .venv
	@$(BIN)/python envs/lock.py

clean: ## delete the demo's results
	@rm -rf results/demo
