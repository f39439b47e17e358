#!/bin/bash
# A read replica: copies the primary when its folder is empty, then follows it.
set -euo pipefail

PGDATA=${PGDATA:-/var/lib/postgresql/data}
if [[ $(id -u) -eq 0 ]]; then
    mkdir -p "$PGDATA"
    chown -R postgres "$PGDATA"
    exec gosu postgres /bin/bash "$0"
fi

if [[ ! -s $PGDATA/PG_VERSION ]]; then
    PGPASSWORD=$(cat "$REPLICATION_PASSWORD_FILE")
    export PGPASSWORD
    until pg_basebackup -h "$PRIMARY_HOST" -p "${PRIMARY_PORT:-5432}" -U replicator \
        -D "$PGDATA" -R -X stream; do
        echo "The primary does not answer yet, trying again."
        sleep 3
    done
    chmod 0700 "$PGDATA"
fi
# On a replica max_connections may not be smaller than on the primary.
exec postgres -D "$PGDATA" -c hot_standby=on -c max_connections=200 "$@"
