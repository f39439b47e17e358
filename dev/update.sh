#!/usr/bin/env bash
# Upgrades the three addons in the demonstration database (DB=name for another)
# to the files in the checkout, with the server restarted if it was running.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

"$ROOT/dev/setup.sh"
db_exists "$DB" || fail "there is no database $DB; run make demo first"
hash=$(addons_hash)
served=
for file in "$SERVERS"/*; do
    if [[ -f $file && $(server_database "$file") == "$DB" ]]; then
        served=${file##*/}
        stop_server "$file"
    fi
done
step "Upgrading $(present_addons) in $DB"
log=$RUN/log/update-$DB.log
if ! odoo_do -d "$DB" -i "$(present_addons)" -u "$(present_addons)" --stop-after-init --no-http >"$log" 2>&1; then
    tail -n 25 "$log" >&2
    fail "the upgrade failed (the end of $log is above); the database is as it was after the last addon that could be upgraded"
fi
psql -Xqc "COMMENT ON DATABASE \"$DB\" IS 'addons $hash'"
if [[ -n $served ]]; then
    PORT=$served "$ROOT/dev/demo.sh"
fi
