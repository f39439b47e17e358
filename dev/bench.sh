#!/usr/bin/env bash
# Runs the benchmarks in tests/bench/ (ONLY=name for one) on copies of the
# template database; tests/bench/run.py says how to write one. What is compared
# with other people's addons runs beside them in a database of its own.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Under the AGPL: for measuring, never part of what is shipped or needed.
PEERS=(odoo-addon-helpdesk-mgmt odoo-addon-helpdesk-mgmt-sla)
PEER_MODULES=helpdesk_mgmt,helpdesk_mgmt_sla
PEERS_DIR=$RUN/peers
# What settling is measured beside, the same way, in a database of its own.
SETTLERS=(odoo-addon-commission-oca odoo-addon-account-commission-oca)
SETTLERS_DIR=$RUN/settlement-peers

# fetch_peers: the peers' addons in .run/peers; fails where no index has them.
fetch_peers() {
    local log=$RUN/log/peers.log wheel
    [[ ! -d $PEERS_DIR/odoo/addons/helpdesk_mgmt_sla ]] || return 0
    step "Downloading what ours is measured beside"
    mkdir -p "$PEERS_DIR"
    "$VENV/bin/python" -m pip download --no-deps --quiet --dest "$PEERS_DIR" "${PEERS[@]}" >"$log" 2>&1 || return 1
    for wheel in "$PEERS_DIR"/*.whl; do
        "$VENV/bin/python" -m zipfile -e "$wheel" "$PEERS_DIR" || return 1
    done
}

# measure_settlement template: settling beside commission_oca, where an index has it.
measure_settlement() {
    local database=settle_$$ log=$RUN/log/settlement-peers.log wheel paths=$ADDONS_PATH status=0
    copy_db "$1" "$database"
    if [[ ! -f $SETTLERS_DIR/.complete ]]; then
        step "Downloading what settling is measured beside"
        mkdir -p "$SETTLERS_DIR"
        if "$VENV/bin/python" -m pip download --no-deps --quiet --dest "$SETTLERS_DIR" "${SETTLERS[@]}" >"$log" 2>&1; then
            for wheel in "$SETTLERS_DIR"/*.whl; do
                "$VENV/bin/python" -m zipfile -e "$wheel" "$SETTLERS_DIR"
            done
            touch "$SETTLERS_DIR/.complete"
        fi
    fi
    [[ $paths == *,* ]] || paths=$CORE_ADDONS,$paths
    if [[ -f $SETTLERS_DIR/.complete ]]; then
        paths=$paths,$SETTLERS_DIR/odoo/addons
        odoo_do -d "$database" --addons-path="$paths" -i account_commission_oca --stop-after-init --no-http >"$log" 2>&1 ||
            fail "the peers could not be installed (see $log)"
    else
        say "commission_oca cannot be downloaded (see $log): without it."
    fi
    run_bench "$database" bench_settlement --addons-path="$paths" || status=$?
    drop_db "$database"
    return "$status"
}

# fetch_planners: what planning is measured beside, in .run/routing-peers and seen by
# nothing else; fails where no index has them.
PLANNERS=(ortools==9.15.6755 pyvrp==0.14.1)
PLANNERS_DIR=$RUN/routing-peers
fetch_planners() {
    local log=$RUN/log/routing-peers.log
    [[ ! -f $PLANNERS_DIR/.complete ]] || return 0
    step "Downloading what the planning of visits is measured beside"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --target "$PLANNERS_DIR" "${PLANNERS[@]}" >"$log" 2>&1 || return 1
    touch "$PLANNERS_DIR/.complete"
}

# run_bench database only [options of Odoo]
run_bench() {
    local database=$1 only=$2
    shift 2
    BENCH_DIR=$ROOT/tests/bench ONLY=$only odoo_do shell -d "$database" --no-http --log-level=error "$@" \
        <"$ROOT/tests/bench/run.py"
}

# measure_board template: the dispatcher's board in Chromium, on a database and with
# a server of its own (300 technicians, 4,000 visits).
measure_board() {
    local board=board_$$ port=$((PORT + 500)) server status=0
    copy_db "$1" "$board"
    odoo_do shell -d "$board" --no-http --log-level=error <"$ROOT/tests/bench/board_data.py" >"$RUN/log/board.log" 2>&1
    ODOO_RC=$CONF "$ODOO_PYTHON" "$ODOO_BIN" -d "$board" --db-filter="^$board\$" --http-port="$port" >>"$RUN/log/board.log" 2>&1 &
    server=$!
    "$VENV/bin/python" "$ROOT/tests/journeys/board.py" --url "http://127.0.0.1:$port" --db "$board" || status=$?
    kill "$server" && wait "$server" || true
    drop_db "$board"
    return "$status"
}

# measure_import database: an import of assets whose parts two workers share, each a
# process of its own as under `--workers`.
measure_import() {
    local worker
    export BENCH_DIR=$ROOT/tests/bench
    WORKER="make" odoo_do shell -d "$1" --no-http --log-level=error <"$BENCH_DIR/import_worker.py"
    for worker in _cron_run _cron_help; do
        WORKER=$worker odoo_do shell -d "$1" --no-http --log-level=error <"$BENCH_DIR/import_worker.py" &
    done | awk '
        !n++ || $1 < began { began = $1 } $2 > ended { ended = $2 } $3 > rows { rows = $3 }
        END { printf "Two workers: %d assets in %.1f s, %d a second\n", rows, ended - began, rows / (ended - began) }'
}

"$ROOT/dev/setup.sh"
template=$("$ROOT/dev/template.sh")
database=bench_$$
trap 'drop_db "$database"' EXIT
copy_db "$template" "$database"
cd "$ROOT"
if [[ ${ONLY:-} == board ]]; then
    measure_board "$template"
    exit
fi
if [[ ${ONLY:-} == import ]]; then
    measure_import "$database"
    exit
fi
if [[ ${ONLY:-} == *routing* ]]; then
    if fetch_planners; then
        export ROUTING_PEERS=$PLANNERS_DIR
    else
        say "Other planners cannot be downloaded (see $RUN/log/routing-peers.log): without them."
    fi
fi
options=()
if [[ -z ${ONLY:-} || ${ONLY:-} == *peers* ]]; then
    if fetch_peers; then
        options=(--addons-path="$ADDONS_PATH,$PEERS_DIR/odoo/addons")
        [[ $ADDONS_PATH == *,* ]] || options=(--addons-path="$CORE_ADDONS,$ADDONS_PATH,$PEERS_DIR/odoo/addons")
    else
        say "The peers cannot be downloaded (see $RUN/log/peers.log): without them."
    fi
fi
if [[ -z ${ONLY:-} || ${ONLY:-} == *settlement* ]]; then
    measure_settlement "$template"
    [[ -z ${ONLY:-} ]] || exit 0
fi
if [[ ${ONLY:-} != *peers* ]]; then
    SKIP=peers run_bench "$database" "${ONLY:-}"
fi
if [[ -z ${ONLY:-} || ${ONLY:-} == *peers* ]]; then
    if ((${#options[@]})); then
        odoo_do -d "$database" "${options[@]}" -i "$PEER_MODULES" --stop-after-init --no-http >"$RUN/log/peers.log" 2>&1 ||
            fail "the peers could not be installed (see $RUN/log/peers.log)"
    fi
    only=${ONLY:-peers}
    [[ $only != peers ]] || only=bench_peers
    run_bench "$database" "$only" "${options[@]}"
fi
