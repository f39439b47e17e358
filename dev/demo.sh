#!/usr/bin/env bash
# From nothing to a running Odoo with the three addons and demonstration data.
# A second call only starts what is not running.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

make_demo_database() {
    local building=${DB}_building log=$RUN/log/install-$DB.log hash
    hash=$(addons_hash)
    step "Database $DB: $(present_addons) (about a minute, once)"
    drop_db "$building"
    copy_db "$DEPS_DB" "$building"
    install_with_demo "$building" "$log"
    rename_db "$building" "$DB" "addons $hash"
}

print_logins() {
    local login what
    echo
    echo "  Odoo runs on $URL  (database $DB; make stop ends it)"
    echo
    printf '  %-14s %-14s %s\n' LOGIN PASSWORD ROLE
    grep -v '^#' "$ROOT/dev/logins.txt" | while read -r login what; do
        printf '  %-14s %-14s %s\n' "$login" "$login" "$what"
    done
    echo
}

# A busy port is said before anything is downloaded.
running=$(server_pid "$SERVER_FILE") || running=
if [[ -z $running ]] && port_busy; then
    fail "port $PORT is in use by another program; choose another one: make demo PORT=$((PORT + 100))"
fi
if [[ -n $running && $(server_database "$SERVER_FILE") != "$DB" ]]; then
    fail "port $PORT serves the database $(server_database "$SERVER_FILE"); choose another port (make demo DB=$DB PORT=$((PORT + 100))) or run make stop first"
fi

"$ROOT/dev/setup.sh"
if ! db_exists "$DB"; then
    with_lock "db-$DB" make_demo_database
elif [[ $(db_comment "$DB") != addons* ]]; then
    fail "a database $DB is there already and was not made by make demo; choose another name: make demo DB=other"
elif [[ $(db_comment "$DB") != "addons $(addons_hash)" ]]; then
    say "Note: the addons have changed since the database $DB was made; run make update."
fi
[[ -n $running ]] || start_server
answers || fail "Odoo runs on port $PORT but does not answer (see make logs)"
print_logins
