# What there is to run. The work is done by the scripts in dev/.
#
#   PORT=8169        another port            DB=name    another database
#   ODOO=/path/to/odoo-bin                   an Odoo 19 that is already here
#   DATA=file.csv    what `make journey` imports (FRESH=1 begins anew)
#   ONLY=words       a part of the tests     ARGS=-x    more for pytest

SHELL := /bin/bash
.DEFAULT_GOAL := help
export PORT DB ODOO PYTHON DATA FRESH ONLY ARGS DEBIAN_MIRROR
# An unset variable must not reach the scripts as an empty one.
$(foreach v,PORT DB ODOO PYTHON DATA FRESH ONLY ARGS DEBIAN_MIRROR,$(if $(value $v),,$(eval unexport $v)))

.PHONY: help demo setup update stop clean shell logs test lint lint-fast fix i18n bench journey

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: ## a running Odoo with demonstration data, on http://localhost:8069
	@dev/demo.sh

setup: ## everything that demo and the tests need, without starting Odoo
	@dev/setup.sh --tests

update: ## bring the demonstration database to the addons as they are now
	@dev/update.sh

stop: ## end the server and the private database cluster
	@dev/stop.sh

clean: ## stop, and delete all that was made (.run/)
	@dev/clean.sh

shell: ## Odoo's Python shell on the demonstration database
	@dev/shell.sh

logs: ## follow the server's log
	@dev/logs.sh

test: ## all tests; ONLY=path or words for a part
	@dev/test.sh

lint: ## all linters
	@dev/lint.sh

lint-fast: ## ruff, prettier and eslint only
	@dev/lint.sh --fast

fix: ## let ruff and prettier rewrite what they can
	@dev/lint.sh --fix

i18n: ## collect the addons' terms; list those without a Chinese one
	@dev/i18n.sh

bench: ## the benchmarks in tests/bench/
	@dev/bench.sh

journey: ## a repair log (DATA=file.csv) from first call to posted bills
	@dev/journey.sh
