# `make up` installs and starts Vedette; the rest is for working on it (CONTRIBUTING.md).
BENCHES := ingest pages idle grouping merge alerts incidents status monitors guard agents bans packets detect anomaly \
	templates escalation digest advisories findings scan_site scan_tls secrets \
	backup_overhead drill_postgres backups deploy_plan harden host_drift
PYTEST := .venv/bin/pytest -q
# Thousands of databases that live for a second: in memory, where there is room for them, none waits for a disk.
ROOMY := $(shell [ "$$(df --output=avail -B1G /dev/shm 2>/dev/null | tail -1)" -ge 6 ] 2>/dev/null && echo TMPDIR=/dev/shm)

# What Python compiled once is kept: each of the hundreds of processes that tests start would compile it again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: up setup dev check test test-deep bench clean

up: setup
	@exec .venv/bin/vedette up

setup:
	@tools/setup

dev:
	@tools/setup dev

check: dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/mypy --config-file guard/pyproject.toml
	.venv/bin/lint-imports
	tools/build-assets --check

test: dev tests/js/node_modules/.done
	@tools/setup backup
	$(ROOMY) $(PYTEST) -n 2 --dist loadgroup -m "not deep"

test-deep: dev tests/js/node_modules/.done
	@tools/setup backup
	$(PYTEST) -m deep
	$(ROOMY) $(PYTEST) -n 2 --dist loadgroup -m "property and not deep"

tests/js/node_modules/.done: tests/js/package-lock.json tools/system-packages
	@tools/system-packages test
	npm ci --prefix tests/js --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

bench: dev
	@missed=0; for name in $(BENCHES); do .venv/bin/python -m benchmarks.$$name || missed=1; done; exit $$missed

bench-%: dev
	@.venv/bin/python -m benchmarks.$*

clean:
	rm -rf .venv .venv-scanners .venv-borg build tests/js/node_modules .mypy_cache .ruff_cache .hypothesis
