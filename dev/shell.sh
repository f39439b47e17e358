#!/usr/bin/env bash
# Odoo's Python shell on the demonstration database.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

"$ROOT/dev/setup.sh"
db_exists "$DB" || fail "there is no database $DB; run make demo first"
odoo_do shell -d "$DB" --no-http
