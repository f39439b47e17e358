#!/bin/bash
# Run once by the PostgreSQL image, in a new cluster: a role that may only
# replicate, with the password of the secret.
set -euo pipefail

psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    -v password="$(cat "$POSTGRES_PASSWORD_FILE")" <<'SQL'
CREATE ROLE replicator WITH REPLICATION LOGIN PASSWORD :'password';
SQL
echo "host replication replicator all scram-sha-256" >>"$PGDATA/pg_hba.conf"
