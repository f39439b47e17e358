# shellcheck shell=bash
# Shared by every script in dev/: where things are, how to say things, how to
# reach the private database cluster. Source it; it starts nothing.
# shellcheck disable=SC2034  # the names below are for the scripts that source it

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
RUN=$ROOT/.run
ADDONS=$ROOT/addons
OUR_ADDONS=(service_management service_portal service_settlement)
CACHE=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/service-suite

PREFIX=$RUN/odoo
DIST=$PREFIX/usr/lib/python3/dist-packages
VENV=$RUN/venv
CONF=$RUN/odoo.conf
PGDATA_DIR=$RUN/pg
PG_LOG=$RUN/log/postgresql.log

# A socket's path is limited to 107 bytes: long checkouts get a short folder.
SOCKET_DIR=$RUN/sock
if ((${#SOCKET_DIR} > 85)); then
    SOCKET_DIR=/tmp/service-suite-$(printf %s "$ROOT" | sha256sum | cut -c1-12)
fi

PORT=${PORT:-8069}
DB=${DB:-service}
DEPS_DB=deps_tpl
DEPS_MODULES=base,web,base_geolocalize,mail,portal,contacts,stock,account,sale,hr_skills,phone_validation,calendar,rating,im_livechat

export PGHOST=$SOCKET_DIR PGUSER=odoo PGDATABASE=postgres
unset PGPORT PGPASSWORD PGSERVICE

say() { printf '%s\n' "$*" >&2; }
step() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
fail() {
    printf 'Error: %s\n' "$*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [[ $(id -u) -eq 0 ]]; }

# Run a command as root: directly, or through sudo.
as_root() {
    if is_root; then
        "$@"
    elif have sudo; then
        sudo -- "$@"
    else
        fail "installing system packages needs root or sudo, and neither is here; ask an administrator to run: $*"
    fi
}

# with_lock name command...: one process at a time may do the named thing. The
# lock is file descriptor 9; whatever goes on in the background closes it.
with_lock() {
    local name=$1
    shift
    mkdir -p "$RUN"
    exec 9>"$RUN/$name.lock"
    flock 9
    "$@"
    exec 9>&-
}

# --- PostgreSQL -------------------------------------------------------------

pg_bin() {
    local dir
    for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV); do
        if [[ -x $dir/initdb ]]; then
            printf '%s' "$dir"
            return
        fi
    done
    if have initdb; then
        dirname "$(readlink -f "$(command -v initdb)")"
    fi
}

# PostgreSQL refuses to run as root: there it runs as this user.
pg_user() {
    if is_root; then printf 'postgres'; else id -un; fi
}

as_pg() {
    if is_root; then
        # The user may not be allowed to stand in the caller's folder.
        (cd / && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

pg_running() {
    [[ -f $PGDATA_DIR/PG_VERSION ]] && as_pg "$(pg_bin)/pg_ctl" -D "$PGDATA_DIR" status >/dev/null 2>&1
}

db_exists() {
    [[ $(psql -XAtc "SELECT 1 FROM pg_database WHERE datname = '$1'" 2>/dev/null) == 1 ]]
}

# What a template database was made from is its comment.
db_comment() {
    psql -XAtc "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '$1'" 2>/dev/null
}

db_oid() {
    psql -XAtc "SELECT oid FROM pg_database WHERE datname = '$1'" 2>/dev/null
}

# As the superuser: only that may end an autovacuum worker in the database.
drop_db() {
    dropdb -U postgres --if-exists -f "$1" 2>/dev/null || fail "the database $1 cannot be dropped"
}

# rename_db from to comment: the last step of making a template.
rename_db() {
    psql -Xqc "ALTER DATABASE \"$1\" RENAME TO \"$2\"" -c "COMMENT ON DATABASE \"$2\" IS '$3'"
}

# --- Odoo -------------------------------------------------------------------

# ODOO=/path/to/odoo-bin uses an Odoo 19 that is already here, with PYTHON= or
# the interpreter that its first line names.
if [[ -n ${ODOO:-} ]]; then
    [[ -f $ODOO ]] || fail "ODOO=$ODOO is not a file; give the path of an odoo-bin"
    ODOO_BIN=$(readlink -f "$ODOO")
    if [[ -z ${PYTHON:-} ]]; then
        IFS= read -r PYTHON <"$ODOO_BIN" || true
        PYTHON=${PYTHON#\#!}
        PYTHON=${PYTHON#/usr/bin/env }
    fi
    ODOO_PYTHON=${PYTHON:-python3}
    CORE_ADDONS=$(dirname "$ODOO_BIN")/addons
else
    ODOO_BIN=$PREFIX/usr/bin/odoo
    ODOO_PYTHON=$VENV/bin/python
    CORE_ADDONS=$DIST/odoo/addons
fi
ADDONS_PATH=$ADDONS
[[ ! -d $CORE_ADDONS && -n ${ODOO:-} ]] || ADDONS_PATH=$CORE_ADDONS,$ADDONS

# odoo_do [subcommand] arguments... with our configuration.
odoo_do() {
    ODOO_RC=$CONF "$ODOO_PYTHON" "$ODOO_BIN" "$@"
}

# The addons that are here, separated by commas.
present_addons() {
    local addon list=
    for addon in "${OUR_ADDONS[@]}"; do
        [[ ! -f $ADDONS/$addon/__manifest__.py ]] || list+=,$addon
    done
    printf '%s' "${list#,}"
}

# One number for all that is installed from the addons' folders.
addons_hash() {
    (cd "$ADDONS" && find . -type f ! -path '*/__pycache__/*' ! -path '*/tests/*' ! -path '*/static/*' -print0 |
        LC_ALL=C sort -z | xargs -0r sha256sum | sha256sum | cut -c1-16)
}

# copy_db from to: a second or two, nobody may be connected to the first.
copy_db() {
    createdb -T "$1" "$2" 2>"$RUN/log/createdb.log" ||
        fail "the database $1 cannot be copied: $(tail -n 1 "$RUN/log/createdb.log")"
}

# install_addons database log: our addons into a copy of the dependencies.
install_addons() {
    local modules
    modules=$(present_addons)
    [[ -n $modules ]] || fail "there is no addon in addons/"
    if ! odoo_do -d "$1" -i "$modules" --stop-after-init --no-http >"$2" 2>&1; then
        tail -n 25 "$2" >&2
        fail "the addons could not be installed (the end of $2 is above)"
    fi
}

# install_with_demo database log: with our demonstration data and none of Odoo's
# own (Odoo loads a module's when all that it depends on is marked as having it).
install_with_demo() {
    psql -Xqd "$1" -c "UPDATE ir_module_module SET demo = true WHERE state = 'installed'"
    install_addons "$1" "$2"
    psql -Xqd "$1" -c "UPDATE ir_module_module SET demo = false WHERE name NOT LIKE 'service\_%'"
    ! grep -q 'demo data failed to install' "$2" || fail "the demonstration data could not be loaded (see $2)"
}

# --- the server -------------------------------------------------------------

URL=http://localhost:$PORT
# One pid file per port: "pid database".
SERVERS=$RUN/servers
SERVER_FILE=$SERVERS/$PORT

[[ $PORT =~ ^[0-9]+$ && $PORT -ge 1 && $PORT -le 65535 ]] || fail "PORT=$PORT is not a port number"
[[ $DB =~ ^[A-Za-z][A-Za-z0-9_-]*$ ]] || fail "DB=$DB is not a name for a database (letters, digits, - and _)"

# server_pid file: the pid in it, if that process is still a server of ours.
server_pid() {
    local pid
    [[ -f $1 ]] || return 1
    read -r pid _ <"$1"
    [[ -r /proc/$pid/cmdline ]] && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF -- "$CONF" && printf '%s' "$pid"
}

server_database() {
    local database
    read -r _ database <"$1"
    printf '%s' "$database"
}

port_busy() {
    (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null
}

answers() {
    [[ $(curl -s -o /dev/null -m 20 -w '%{http_code}' "http://127.0.0.1:$PORT/web/login") == 200 ]]
}

start_server() {
    local pid log=$RUN/log/server-$PORT.log seconds=0
    mkdir -p "$SERVERS"
    step "Starting Odoo on port $PORT"
    ODOO_RC=$CONF setsid "$ODOO_PYTHON" "$ODOO_BIN" -c "$CONF" -d "$DB" --db-filter="^$DB\$" --http-port="$PORT" \
        </dev/null >>"$log" 2>&1 9>&- &
    pid=$!
    printf '%s %s\n' "$pid" "$DB" >"$SERVER_FILE"
    until answers; do
        kill -0 "$pid" 2>/dev/null || fail "Odoo ended while it started: $(grep -E 'ERROR|CRITICAL|Error' "$log" | tail -n 1) (see make logs)"
        ((++seconds < 180)) || fail "Odoo does not answer after three minutes (see make logs)"
        sleep 1
    done
}

# stop_server file: ends that one process, nothing else.
stop_server() {
    local pid
    if pid=$(server_pid "$1"); then
        kill "$pid"
        for _ in {1..100}; do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        ! kill -0 "$pid" 2>/dev/null || kill -9 "$pid"
    fi
    rm -f "$1"
}
