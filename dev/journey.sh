#!/usr/bin/env bash
# Takes a repair log through the whole chain, from first call to posted bills:
#
#   make journey DATA=path/to/log.csv           (or .csv.gz)
#   make journey DATA=... FRESH=1               begins with an empty database
#
# The database `journey` is kept, so a second run shows that nothing is imported
# twice. The import itself is Odoo's command `service_journey`.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

DATABASE=journey
[[ -n ${DATA:-} ]] || fail "name the file to import: make journey DATA=path/to/log.csv"
[[ -r $DATA ]] || fail "DATA=$DATA cannot be read"
DATA=$(readlink -f "$DATA")

"$ROOT/dev/setup.sh"
template=$("$ROOT/dev/template.sh")
if [[ -n ${FRESH:-} ]]; then
    drop_db "$DATABASE"
fi
if ! db_exists "$DATABASE"; then
    step "Database $DATABASE"
    copy_db "$template" "$DATABASE"
    psql -Xqc "COMMENT ON DATABASE $DATABASE IS '$(db_comment "$template")'"
elif [[ $(db_comment "$DATABASE") != "$(db_comment "$template")" ]]; then
    say "Note: the database $DATABASE was made by other addons than these; FRESH=1 makes it anew."
fi
cd "$ROOT"
ODOO_RC=$CONF exec "$ODOO_PYTHON" "$ODOO_BIN" "--addons-path=$ADDONS_PATH" service_journey \
    -c "$CONF" -d "$DATABASE" --data "$DATA"
