#!/usr/bin/env bash
# Ends the servers and the cluster of this checkout, by their pid files.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

for file in "$SERVERS"/*; do
    [[ ! -f $file ]] || stop_server "$file"
done
if pg_running; then
    as_pg "$(pg_bin)/pg_ctl" -D "$PGDATA_DIR" -m fast -w stop >/dev/null || fail "PostgreSQL does not stop (see .run/log/postgresql.log)"
fi
echo "Stopped."
