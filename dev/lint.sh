#!/usr/bin/env bash
# Style and structure of everything in the checkout.
#
#   dev/lint.sh             all linters
#   dev/lint.sh --fast      ruff, prettier and eslint only
#   dev/lint.sh --fix       let ruff and prettier rewrite what they can
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$ROOT/dev/debian.sh"

MODE=${1:-all}
LINT=$RUN/lint-venv
NODE=$RUN/node
COMPOSE=$RUN/compose
CORE_LINT=(test_test_holes test_index test_naming test_override_signatures test_manifests test_routes)
FAILURES=()
cd "$ROOT"
mkdir -p "$RUN/log"

# --- the tools --------------------------------------------------------------

lint_venv() {
    local stamp
    stamp=$(sha256sum <"$ROOT/dev/requirements-lint.txt")
    [[ -f $LINT/.complete && $(<"$LINT/.complete") == "$stamp" ]] && return 0
    step "Linters for Python, shell and containers"
    local python
    python=$("$ROOT/dev/setup.sh" --print-python)
    rm -rf "$LINT"
    "$python" -m venv "$LINT"
    "$LINT/bin/python" -m pip install --quiet --disable-pip-version-check -r "$ROOT/dev/requirements-lint.txt" >"$RUN/log/lint-pip.log" 2>&1 ||
        fail "pip could not install the linters (see .run/log/lint-pip.log)"
    printf '%s' "$stamp" >"$LINT/.complete"
}

lint_node() {
    local stamp
    stamp=$(sha256sum <"$ROOT/dev/package-lock.json")
    [[ -f $NODE/.complete && $(<"$NODE/.complete") == "$stamp" ]] && return 0
    if ! have npm; then
        apt_install nodejs npm
    fi
    step "Linters for XML, JavaScript and SCSS"
    mkdir -p "$NODE"
    rm -f "$NODE/.complete"
    cp "$ROOT/dev/package.json" "$ROOT/dev/package-lock.json" "$NODE/"
    (cd "$NODE" && npm ci --no-audit --no-fund --ignore-scripts) >"$RUN/log/npm.log" 2>&1 ||
        fail "npm could not install the linters (see .run/log/npm.log)"
    printf '%s' "$stamp" >"$NODE/.complete"
}

# docker-compose as one binary, unpacked beside the checkout's other tools.
lint_compose() {
    [[ -x $COMPOSE/usr/bin/docker-compose || -x $COMPOSE/usr/libexec/docker/cli-plugins/docker-compose ]] && return 0
    local debs=$CACHE/debs file
    mkdir -p "$debs"
    file=$(find "$debs" -name 'docker-compose_2*.deb' | sort -V | tail -n 1)
    if [[ -z $file ]]; then
        sid_update
        (cd "$debs" && sid_apt download docker-compose) >"$RUN/log/compose.log" 2>&1 ||
            fail "docker-compose could not be fetched (see .run/log/compose.log)"
        file=$(find "$debs" -name 'docker-compose_*.deb' | sort -V | tail -n 1)
    fi
    dpkg -x "$file" "$COMPOSE"
}

# --- the checks -------------------------------------------------------------

# check name command...: all of them run, the failures are named at the end.
check() {
    local name=$1
    shift
    step "$name"
    "$@" || FAILURES+=("$name")
}

tracked() {
    git ls-files --cached --others --exclude-standard -- "$@" | while read -r path; do
        [[ ! -f $path ]] || printf '%s\n' "$path"
    done
}

prettier() {
    tracked '*.xml' '*.js' '*.cjs' '*.scss' '*.css' | xargs -r -d '\n' \
        "$NODE/node_modules/.bin/prettier" --config prettier.config.cjs --log-level warn "$@"
}

eslint() {
    mapfile -t files < <(tracked '*/static/*.js')
    ((${#files[@]})) || return 0
    "$NODE/node_modules/.bin/eslint" --max-warnings 0 "${files[@]}"
}

addon_folders() {
    local addon
    for addon in "${OUR_ADDONS[@]}"; do
        [[ ! -f addons/$addon/__manifest__.py ]] || printf 'addons/%s\n' "$addon"
    done
}

# Two extension files of one model are the layout here; and the absolute name of
# a calculator is the same in a model three folders deep, in a test and in a
# shell. (`enable=odoolint` in the file would switch these on again.)
pylint_odoo() {
    mapfile -t folders < <(addon_folders)
    "$LINT/bin/pylint" --rcfile=.pylintrc -j 2 \
        --disable=consider-merging-classes-inherited,odoo-addons-relative-import "${folders[@]}"
}

oca_module() {
    mapfile -t folders < <(addon_folders)
    "$LINT/bin/oca-checks-odoo-module" "${folders[@]/%//__manifest__.py}"
}

oca_po() {
    mapfile -t files < <(tracked 'addons/*.po' 'addons/*.pot')
    ((${#files[@]})) || return 0
    # The catalogues are in the form that Odoo exports
    "$LINT/bin/oca-checks-po" --disable=po-pretty-format "${files[@]}"
}

upgrade_code() {
    odoo_do upgrade_code --from 17.0 --dry-run --addons-path "$ADDONS" --glob 'service_*/**/*'
}

shell_scripts() {
    mapfile -t files < <(tracked 'dev/*.sh' 'dev/bin/*' 'docker/*.sh' .ci/run)
    "$LINT/bin/shellcheck" -x -P SCRIPTDIR "${files[@]}"
}

dockerfiles() {
    mapfile -t files < <(tracked '*/Dockerfile')
    ((${#files[@]})) || return 0
    "$LINT/bin/hadolint" "${files[@]}"
}

compose_files() {
    mapfile -t files < <(tracked 'docker/*compose*.yaml')
    ((${#files[@]})) || return 0
    lint_compose
    local binary file status=0
    binary=$(find "$COMPOSE/usr" -type f -name docker-compose | head -n 1)
    "$NODE/node_modules/.bin/dclint" --max-warnings 0 "${files[@]}" || status=1
    for file in "${files[@]}"; do
        # Every profile, so that optional services are read too.
        "$binary" --profile '*' -f "$file" config -q || status=1
    done
    return "$status"
}

# Odoo's own lint tests, on a database with our addons.
core_lint() {
    "$ROOT/dev/setup.sh" || return 1
    local template database=lint_$$ status=0 files
    template=$("$ROOT/dev/template.sh") || return 1
    copy_db "$template" "$database"
    files=("${CORE_LINT[@]/#/$DIST/odoo/addons/test_lint/tests/}")
    ODOO_RC=$CONF "$VENV/bin/python" -m pytest -q -p no:cacheprovider --rootdir="$ROOT" -c "$ROOT/pyproject.toml" \
        -W ignore --odoo-database="$database" "${files[@]/%/.py}" || status=$?
    drop_db "$database"
    return "$status"
}

lint_venv
lint_node
case $MODE in
    --fix)
        mapfile -t folders < <(addon_folders)
        "$LINT/bin/oca-checks-odoo-module" --fix --no-exit --no-verbose "${folders[@]/%//__manifest__.py}" >/dev/null || true
        "$LINT/bin/ruff" check --fix-only --quiet . || true
        "$LINT/bin/ruff" format .
        prettier --write
        exit 0
        ;;
    --fast | all)
        check "ruff" "$LINT/bin/ruff" check .
        check "ruff format" "$LINT/bin/ruff" format --check .
        check "prettier" prettier --check
        check "eslint" eslint
        ;;
    *) fail "unknown option $MODE" ;;
esac
if [[ $MODE == all ]]; then
    check "shellcheck" shell_scripts
    check "pylint-odoo" pylint_odoo
    check "manifest, data and README checks (OCA)" oca_module
    check "translation checks (OCA)" oca_po
    check "hadolint" dockerfiles
    check "compose files" compose_files
    check "old forms (odoo upgrade_code)" upgrade_code
    check "Odoo's own lint tests" core_lint
fi
if ((${#FAILURES[@]})); then
    printf 'Lint failed: %s\n' "${FAILURES[@]}" >&2
    exit 1
fi
echo "Lint passed."
