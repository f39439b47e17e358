# shellcheck shell=bash
# `source dev/env.sh`: this project's python, odoo, psql and createdb in the
# current shell, speaking to its private cluster.
if [[ -n ${BASH_SOURCE[0]:-} ]]; then
    SERVICE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
    PGHOST=$(bash -c 'source "$1/dev/lib.sh" && printf %s "$PGHOST"' - "$SERVICE_ROOT")
    export PGHOST PGUSER=odoo ODOO_RC=$SERVICE_ROOT/.run/odoo.conf
    export PATH=$SERVICE_ROOT/dev/bin:$SERVICE_ROOT/.run/venv/bin:$PATH
    unset PGPORT PGPASSWORD PGSERVICE SERVICE_ROOT
fi
