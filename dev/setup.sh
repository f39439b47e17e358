#!/usr/bin/env bash
# Everything between a bare Debian or Ubuntu and a running Odoo 19, under .run/:
# system packages, Odoo itself, its Python packages, a private PostgreSQL
# cluster, the configuration and the template database. Each part is skipped
# when it is there, so a second call takes a second or two.
#
#   dev/setup.sh            what the demonstration needs
#   dev/setup.sh --tests    and a browser for the tests
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$ROOT/dev/debian.sh"

ODOO_VERSION=19.0.0+dfsg-1
ODOO_SID_DEBS=(libjs-jquery libjs-jquery-form libjs-underscore
    fonts-roboto-unhinted fonts-montserrat fonts-ocr-b)
# Unstable's Font Awesome is 7, Odoo links to 4.7: take the machine's own.
ODOO_OWN_DEBS=(fonts-font-awesome fonts-inconsolata)
WITH_TESTS=
[[ ${1:-} != --tests ]] || WITH_TESTS=1
FONT=/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc

# --- system packages --------------------------------------------------------

missing_packages() {
    [[ -n $(pg_bin) ]] || echo postgresql postgresql-contrib
    have psql || echo postgresql-client
    have curl || echo curl
    [[ -z ${ODOO:-} ]] || return 0
    if [[ -n $WITH_TESTS ]]; then
        find_chromium >/dev/null || echo chromium
        [[ -f $FONT ]] || echo fonts-wqy-zenhei
        # A real IMAP server for the mail gateway's tests
        [[ -x /usr/sbin/dovecot ]] || echo dovecot-imapd
    fi
    [[ -f /usr/share/keyrings/debian-archive-keyring.gpg ]] || echo debian-archive-keyring
    if ! find_python >/dev/null; then
        echo python3 python3-venv
    elif ! "$(find_python)" -c 'import ensurepip, venv' 2>/dev/null; then
        echo python3-venv
    fi
}

find_chromium() {
    command -v chromium || command -v chromium-browser || command -v google-chrome
}

# The newest interpreter that Odoo 19 supports and this project is tested with.
find_python() {
    local name
    for name in ${SETUP_PYTHON:-} python3.11 python3.12 python3.13 python3.10 python3; do
        if have "$name" && "$name" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    return 1
}

system_packages() {
    local packages
    packages=$(missing_packages)
    [[ -n $packages ]] || return 0
    # shellcheck disable=SC2086  # a list of words
    apt_install $packages
}

# Odoo prints PDFs with wkhtmltopdf, which not every release has any more.
pdf_printer() {
    [[ -f $RUN/pdf.asked ]] && return 0
    if ! have wkhtmltopdf; then
        if apt-cache show wkhtmltopdf >/dev/null 2>&1; then
            apt_install wkhtmltopdf fonts-wqy-zenhei
        else
            say "Note: this release has no package wkhtmltopdf; Odoo cannot print PDFs here."
        fi
    fi
    touch "$RUN/pdf.asked"
}

# --- Odoo 19 ----------------------------------------------------------------

# Is every package of the list in the folder, as recorded?
debs_complete() {
    local file
    while read -r _ file; do
        [[ -f $1/$file ]] || return 1
    done <"$ROOT/dev/debs.sha256"
    (cd "$1" && sha256sum --quiet -c "$ROOT/dev/debs.sha256" >/dev/null 2>&1)
}

download_debs() {
    local debs=$CACHE/debs mirror
    mkdir -p "$debs"
    debs_complete "$debs" && return 0
    step "Odoo 19 (Debian unstable's package) from this machine's mirror"
    sid_update
    mirror=$(debian_mirror)
    cd "$debs"
    if ! sid_apt download "odoo-19=$ODOO_VERSION" 2>/dev/null; then
        local newest
        newest=$(sid_versions odoo-19 | grep -m 1 '^19\.0' || true)
        [[ -n $newest ]] || fail "the mirror $mirror has no Odoo 19.0"
        say "Warning: Odoo $ODOO_VERSION is gone from the mirror, taking $newest."
        sid_apt download "odoo-19=$newest"
    fi
    sid_apt download "${ODOO_SID_DEBS[@]}"
    if ! apt-get -qq download "${ODOO_OWN_DEBS[@]}" 2>/dev/null; then
        as_root apt-get -qq update
        apt-get -qq download "${ODOO_OWN_DEBS[@]}"
    fi
    cd "$ROOT"
}

# A package whose sum is recorded must have it; another version (a moving
# suite, another Debian) was verified by apt's signatures and is only named.
check_deb() {
    local file=$1 recorded
    recorded=$(awk -v f="$file" '$2 == f {print $1}' "$ROOT/dev/debs.sha256")
    if [[ -z $recorded ]]; then
        say "Note: $file is another version than the recorded one (its signature is apt's)."
    elif ! printf '%s  %s\n' "$recorded" "$file" | sha256sum --quiet -c - >/dev/null 2>&1; then
        fail "$CACHE/debs/$file does not have the recorded sha256; delete it and try again"
    fi
}

odoo_prefix() {
    [[ -f $PREFIX/.complete ]] && return 0
    download_debs
    step "Unpacking Odoo"
    rm -rf "$PREFIX"
    mkdir -p "$PREFIX"
    cd "$CACHE/debs"
    local package file
    for package in odoo-19 "${ODOO_SID_DEBS[@]}" "${ODOO_OWN_DEBS[@]}"; do
        # The recorded file when it is there, else the newest by name.
        file=$(awk -v p="$package" 'index($2, p "_") == 1 {print $2}' "$ROOT/dev/debs.sha256")
        [[ -f $file ]] || file=$(find . -maxdepth 1 -name "${package}_*.deb" -printf '%f\n' | sort -V | tail -n 1)
        [[ -n $file ]] || fail "the package $package was not downloaded"
        check_deb "$file"
        dpkg -x "$file" "$PREFIX"
    done
    cd "$ROOT"
    local dangling
    dangling=$(find "$DIST/odoo" -xtype l | head -n 3)
    [[ -z $dangling ]] || fail "Odoo's package has links to files that are not there: $dangling"
    # Debian leaves this file out; without it every backend page logs an error.
    local stub=$DIST/odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js
    mkdir -p "${stub%/*}"
    [[ -e $stub ]] || : >"$stub"
    touch "$PREFIX/.complete"
}

# --- Python -----------------------------------------------------------------

python_packages() {
    local lists=("$ROOT"/dev/requirements{,-test,-fast}.txt) stamp
    stamp=$(cat "${lists[@]}" | sha256sum)
    [[ -f $VENV/.complete && $(<"$VENV/.complete") == "$stamp" ]] && return 0
    step "Python packages"
    [[ -x $VENV/bin/python ]] || "$(find_python)" -m venv "$VENV"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -r "$ROOT/dev/requirements-test.txt" >"$RUN/log/pip.log" 2>&1 ||
        fail "pip could not install Odoo's Python packages (see .run/log/pip.log)"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -r "$ROOT/dev/requirements-fast.txt" >>"$RUN/log/pip.log" 2>&1 ||
        say "Dispatch will be slower: the packages of dev/requirements-fast.txt cannot be had (see .run/log/pip.log)."
    # Odoo's own package, seen through the .pth file, names other builds of some.
    local conflicts
    conflicts=$("$VENV/bin/python" -m pip check --disable-pip-version-check | grep -v -e '^odoo ' -e '^No broken' || true)
    [[ -z $conflicts ]] || fail "the Python packages do not fit together: $conflicts"
    local site
    site=$("$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
    printf '%s\n' "$DIST" >"$site/service_suite_odoo.pth"
    printf '%s' "$stamp" >"$VENV/.complete"
}

# ODOO=... must be an Odoo 19 that its Python can start.
check_own_odoo() {
    local version
    version=$("$ODOO_PYTHON" "$ODOO_BIN" --version 2>/dev/null) ||
        fail "$ODOO_PYTHON cannot start $ODOO_BIN; name the Python that has Odoo's packages: PYTHON=/path/to/python"
    [[ $version == *" 19."* ]] || fail "$ODOO_BIN is $version, these addons need Odoo 19"
}

# --- browser ----------------------------------------------------------------

# A first start of Chromium can take over ten seconds, and Odoo then skips its
# browser tests: start it once now.
warm_browser() {
    [[ -f $RUN/browser.warm ]] && return 0
    local chromium
    chromium=$(find_chromium) || fail "Chromium was not installed"
    timeout 120 "$chromium" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync \
        --user-data-dir="$RUN/browser" --dump-dom about:blank >/dev/null 2>"$RUN/log/chromium.log" ||
        fail "Chromium does not start (see .run/log/chromium.log)"
    rm -rf "$RUN/browser"
    touch "$RUN/browser.warm"
}

# --- PostgreSQL -------------------------------------------------------------

can_traverse() {
    as_pg test -x "$1" 2>/dev/null
}

# What would stop the cluster is said before anything is downloaded.
check_cluster_place() {
    local bin version owner
    bin=$(pg_bin)
    [[ -n $bin ]] || fail "PostgreSQL is not installed"
    version=$("$bin/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
    ((version >= 13)) || fail "PostgreSQL $version is too old, Odoo 19 needs 13 or newer"
    if is_root && ! id -u postgres >/dev/null 2>&1; then
        fail "PostgreSQL refuses to run as root and there is no user 'postgres'; create one (adduser --system --group postgres)"
    fi
    if [[ -e $PGDATA_DIR ]]; then
        owner=$(stat -c %U "$PGDATA_DIR")
        [[ $owner == "$(pg_user)" ]] || fail "the database in .run/pg belongs to the user '$owner' and you run it as '$(pg_user)'; go on as the user who made it, or delete .run"
    fi
    can_traverse "$RUN" ||
        fail "the user '$(pg_user)' may not enter $RUN, where the database is to live; put the checkout in a folder that others may enter (not in root's home)"
}

make_cluster() {
    local bin
    bin=$(pg_bin)
    mkdir -p "$SOCKET_DIR" "$RUN/log"
    if is_root; then
        touch "$PG_LOG"
        chown postgres "$PG_LOG" "$SOCKET_DIR"
    fi
    if [[ ! -f $PGDATA_DIR/PG_VERSION ]]; then
        step "A private PostgreSQL in .run/pg"
        mkdir -p "$PGDATA_DIR"
        ! is_root || chown postgres "$PGDATA_DIR"
        chmod 700 "$PGDATA_DIR"
        as_pg "$bin/initdb" -D "$PGDATA_DIR" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >"$RUN/log/initdb.log" 2>&1 ||
            fail "PostgreSQL could not make its cluster (see .run/log/initdb.log)"
        # For development and demonstration: no network, no fsync.
        as_pg tee -a "$PGDATA_DIR/postgresql.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$SOCKET_DIR'
unix_socket_permissions = 0777
fsync = ${FSYNC:-off}
synchronous_commit = ${FSYNC:-off}
full_page_writes = ${FSYNC:-off}
max_connections = 300
shared_buffers = 512MB
max_wal_size = 2GB
jit = off
CONF
    fi
}

start_cluster() {
    make_cluster
    pg_running && return 0
    step "Starting PostgreSQL"
    as_pg "$(pg_bin)/pg_ctl" -D "$PGDATA_DIR" -l "$PG_LOG" -w -t 60 start >/dev/null 2>&1 9>&- ||
        fail "PostgreSQL does not start: $(tail -n 1 "$PG_LOG")"
    PGUSER=postgres psql -XAtqc "SELECT 1 FROM pg_roles WHERE rolname = 'odoo'" | grep -q 1 ||
        PGUSER=postgres createuser -d odoo
}

# --- configuration and template ---------------------------------------------

write_conf() {
    mkdir -p "$ADDONS" "$RUN/data" "$RUN/log"
    cat >"$CONF.new" <<CONF
[options]
addons_path = $ADDONS_PATH
admin_passwd = admin
data_dir = $RUN/data
db_host = $SOCKET_DIR
db_user = odoo
db_template = template0
http_interface = 127.0.0.1
http_port = $PORT
list_db = False
max_cron_threads = 1
workers = 0
without_demo = True
CONF
    mv "$CONF.new" "$CONF"
}

# A database with the modules that ours depend on, in English and Chinese,
# without demo data. Its files live in the database, so `createdb -T` copies all.
deps_template() {
    local recipe="$DEPS_MODULES en_US,zh_CN"
    [[ $(db_comment "$DEPS_DB") == "$recipe" ]] && return 0
    step "Template database $DEPS_DB (about two minutes, once)"
    local building=${DEPS_DB}_building
    drop_db "$building"
    if ! odoo_do -d "$building" -i "$DEPS_MODULES" --load-language=en_US,zh_CN --stop-after-init --no-http >"$RUN/log/deps.log" 2>&1; then
        fail "the template database could not be made (see .run/log/deps.log)"
    fi
    odoo_do shell -d "$building" --no-http >>"$RUN/log/deps.log" 2>&1 <<'PY'
env["ir.config_parameter"].set_param("ir_attachment.location", "db")
env["ir.attachment"].force_storage()
env.cr.commit()
PY
    drop_db "$DEPS_DB"
    rename_db "$building" "$DEPS_DB" "$recipe"
}

main() {
    [[ -w $ROOT && (! -e $RUN || -w $RUN) ]] || fail "you may not write in $ROOT, where this set-up keeps everything it makes"
    mkdir -p "$RUN/log"
    system_packages
    check_cluster_place
    if [[ -z ${ODOO:-} ]]; then
        odoo_prefix
        python_packages
        pdf_printer
        [[ -z $WITH_TESTS ]] || warm_browser
    else
        check_own_odoo
    fi
    start_cluster
    write_conf
    deps_template
}

# Sourced, it only gives its functions.
if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    if [[ ${1:-} == --print-python ]]; then
        find_python || fail "no Python between 3.10 and 3.13 is here; run make setup first"
    else
        with_lock setup main
    fi
fi
