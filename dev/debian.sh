# shellcheck shell=bash
# Debian packages: installed on the machine, or fetched from unstable to be
# unpacked under .run/. Sourced after lib.sh.

# apt_install package...: on the machine, from its own sources.
apt_install() {
    have apt-get || fail "this set-up needs Debian or Ubuntu (apt-get is missing); it wanted to install: $*"
    step "System packages: $*"
    mkdir -p "$RUN/log"
    # Debian's PostgreSQL package starts a system-wide cluster when it is first
    # installed: not wanted here, ours is private.
    local switch=/etc/postgresql-common/createcluster.d/service-suite.conf quiet=
    if [[ " $* " == *" postgresql "* ]]; then
        quiet=1
        as_root mkdir -p "${switch%/*}"
        echo "create_main_cluster = false" | as_root tee "$switch" >/dev/null
    fi
    as_root apt-get -qq update || say "Warning: apt-get update failed; trying with the lists there are."
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends "$@" >"$RUN/log/apt.log" 2>&1 ||
        fail "apt could not install $* (see .run/log/apt.log)"
    [[ -z $quiet ]] || as_root rm -f "$switch"
}

# The archive that this machine's apt reads, never a name written here.
debian_mirror() {
    if [[ -n ${DEBIAN_MIRROR:-} ]]; then
        printf '%s' "$DEBIAN_MIRROR"
        return
    fi
    # shellcheck disable=SC2016  # apt fills these in
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

# Read unstable's list of packages.
sid_update() {
    local state=$CACHE/apt mirror
    mirror=$(debian_mirror)
    [[ -n $mirror ]] || fail "apt names no package mirror; give one: make setup DEBIAN_MIRROR=<address of a Debian mirror>"
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$RUN/log"
    printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s sid main\n' "$mirror" >"$state/sources.list"
    sid_apt update >"$RUN/log/apt-sid.log" 2>&1 && [[ -n $(sid_versions odoo-19) ]] ||
        fail "the mirror $mirror has no suite 'sid' (an Ubuntu mirror?); give a Debian mirror: make setup DEBIAN_MIRROR=<address>"
}

# sid_versions package: the versions that unstable has.
sid_versions() {
    local state=$CACHE/apt
    apt-cache -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" madison "$1" |
        awk -F'|' '{gsub(/ /, "", $2); print $2}'
}
