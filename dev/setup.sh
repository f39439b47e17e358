#!/usr/bin/env bash
# Everything between a bare Debian or Ubuntu and a running Odoo 19, under .run/:
# system packages, Odoo itself, its Python packages, a private PostgreSQL
# cluster, the configuration and the template database. Each part is skipped
# when it is there, so a second call takes a second or two.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

ODOO_VERSION=19.0.0+dfsg-1
ODOO_SID_DEBS=(libjs-jquery libjs-jquery-form libjs-underscore
    fonts-roboto-unhinted fonts-montserrat fonts-ocr-b)
# Unstable's Font Awesome is 7, Odoo links to 4.7: take the machine's own.
ODOO_OWN_DEBS=(fonts-font-awesome fonts-inconsolata)
FONT=/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc

# --- system packages --------------------------------------------------------

missing_packages() {
    [[ -n $(pg_bin) ]] || echo postgresql postgresql-contrib
    have psql || echo postgresql-client
    have runuser || echo util-linux
    have curl || echo curl
    find_chromium >/dev/null || echo chromium
    [[ -f $FONT ]] || echo fonts-wqy-zenhei
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
    have apt-get || fail "this set-up needs Debian or Ubuntu (apt-get is missing)"
    step "System packages: ${packages//$'\n'/ }"
    # Debian's PostgreSQL package starts a system-wide cluster when it is first
    # installed: not wanted here, ours is private.
    local switch=/etc/postgresql-common/createcluster.d/service-suite.conf
    if [[ $packages == *postgresql* ]]; then
        as_root mkdir -p "${switch%/*}"
        echo "create_main_cluster = false" | as_root tee "$switch" >/dev/null
    fi
    as_root apt-get -qq update || say "Warning: apt-get update failed; trying with the lists there are."
    # shellcheck disable=SC2086  # a list of words
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends $packages >"$RUN/log/apt.log" 2>&1 ||
        fail "apt could not install ${packages//$'\n'/ } (see .run/log/apt.log)"
    [[ ! -f $switch ]] || as_root rm -f "$switch"
}

# --- Odoo 19 ----------------------------------------------------------------

# The archive that this machine's apt reads, never a name written here.
debian_mirror() {
    if [[ -n ${DEBIAN_MIRROR:-} ]]; then
        printf '%s' "$DEBIAN_MIRROR"
        return
    fi
    apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' |
        awk '$1 !~ /security/ && $2 !~ /security|updates|backports/ {print $1; exit}'
}

# apt with a private list of sources, lists and cache: the machine's own apt
# configuration is only read.
sid_apt() {
    local state=$CACHE/apt
    apt-get -qq -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" \
        -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none \
        -o APT::Architecture="$(dpkg --print-architecture)" "$@"
}

# Is every package of the list in the folder, as recorded?
debs_complete() {
    local sum file
    while read -r sum file; do
        [[ -f $1/$file ]] || return 1
    done <"$ROOT/dev/debs.sha256"
    (cd "$1" && sha256sum --quiet -c "$ROOT/dev/debs.sha256" >/dev/null 2>&1)
}

download_debs() {
    local debs=$CACHE/debs state=$CACHE/apt mirror
    mkdir -p "$debs" "$state/lists/partial" "$state/cache/archives/partial"
    debs_complete "$debs" && return 0
    mirror=$(debian_mirror)
    [[ -n $mirror ]] || fail "apt names no package mirror; give one: make setup DEBIAN_MIRROR=<address of a Debian mirror>"
    printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s sid main\n' "$mirror" >"$state/sources.list"
    step "Odoo 19 (Debian unstable's package) from this machine's mirror"
    sid_apt update >"$RUN/log/apt-sid.log" 2>&1 && sid_apt download --print-uris odoo-19 >/dev/null 2>&1 ||
        fail "the mirror $mirror has no suite 'sid' (an Ubuntu mirror?); give a Debian mirror: make setup DEBIAN_MIRROR=<address>"
    cd "$debs"
    if ! sid_apt download "odoo-19=$ODOO_VERSION" 2>/dev/null; then
        local newest
        newest=$(sid_apt_versions | head -n 1)
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

sid_apt_versions() {
    local state=$CACHE/apt
    apt-cache -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" madison odoo-19 |
        awk -F'|' '{gsub(/ /, "", $2); if ($2 ~ /^19\.0/) print $2}'
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
    local lists=("$ROOT/dev/requirements.txt" "$ROOT/dev/requirements-test.txt") stamp
    stamp=$(cat "${lists[@]}" | sha256sum)
    [[ -f $VENV/.complete && $(<"$VENV/.complete") == "$stamp" ]] && return 0
    step "Python packages"
    [[ -x $VENV/bin/python ]] || "$(find_python)" -m venv "$VENV"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -r "$ROOT/dev/requirements-test.txt" >"$RUN/log/pip.log" 2>&1 ||
        fail "pip could not install Odoo's Python packages (see .run/log/pip.log)"
    "$VENV/bin/python" -m pip check --disable-pip-version-check >>"$RUN/log/pip.log" || fail "the Python packages do not fit together (see .run/log/pip.log)"
    local site
    site=$("$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
    printf '%s\n' "$DIST" >"$site/service_suite_odoo.pth"
    printf '%s' "$stamp" >"$VENV/.complete"
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

make_cluster() {
    local bin
    bin=$(pg_bin)
    [[ -n $bin ]] || fail "PostgreSQL is not installed"
    local version
    version=$("$bin/postgres" --version | sed -E 's/.* ([0-9]+).*/\1/')
    ((version >= 13)) || fail "PostgreSQL $version is too old, Odoo 19 needs 13 or newer"
    if is_root && ! id -u postgres >/dev/null 2>&1; then
        fail "PostgreSQL refuses to run as root and there is no user 'postgres'; create one (adduser --system --group postgres)"
    fi
    can_traverse "$RUN" ||
        fail "the user '$(pg_user)' may not enter $RUN, where the database is to live; put the checkout in a folder that others may enter (not in /root)"
    mkdir -p "$SOCKET_DIR" "$RUN/log"
    if is_root; then
        touch "$PG_LOG"
        chown postgres "$PG_LOG" "$SOCKET_DIR"
    fi
    if [[ ! -f $PGDATA_DIR/PG_VERSION ]]; then
        step "A private PostgreSQL $version in .run/pg"
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
    as_pg "$(pg_bin)/pg_ctl" -D "$PGDATA_DIR" -l "$PG_LOG" -w -t 60 start >/dev/null 2>&1 {LOCK_FD}>&- ||
        fail "PostgreSQL does not start: $(tail -n 1 "$PG_LOG")"
    PGUSER=postgres psql -XAtqc "SELECT 1 FROM pg_roles WHERE rolname = 'odoo'" | grep -q 1 ||
        PGUSER=postgres createuser -d odoo
}

# --- configuration and template ---------------------------------------------

write_conf() {
    mkdir -p "$ADDONS" "$RUN/data" "$RUN/log"
    cat >"$CONF.new" <<CONF
[options]
addons_path = $DIST/odoo/addons,$ADDONS
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
    mkdir -p "$RUN/log"
    if [[ -z ${ODOO:-} ]]; then
        system_packages
        odoo_prefix
        python_packages
    fi
    [[ -n ${SKIP_BROWSER:-} ]] || warm_browser
    start_cluster
    write_conf
    deps_template
}

with_lock setup main
