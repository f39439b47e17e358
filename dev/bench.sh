#!/usr/bin/env bash
# Runs the benchmarks in tests/bench/ (ONLY=name for one) on a copy of the
# template database; tests/bench/run.py says how to write one.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

"$ROOT/dev/setup.sh"
template=$("$ROOT/dev/template.sh")
database=bench_$$
trap 'drop_db "$database"' EXIT
copy_db "$template" "$database"
cd "$ROOT"
BENCH_DIR=$ROOT/tests/bench odoo_do shell -d "$database" --no-http --log-level=error <"$ROOT/tests/bench/run.py"
