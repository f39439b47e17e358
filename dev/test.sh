#!/usr/bin/env bash
# All tests: the calculators without Odoo, then what looks at the checkout from
# outside (structure, set-up, lifecycle), then the addons' own tests with a
# browser, on a fresh copy of a template database.
#
#   make test                      everything
#   make test ONLY=path            one file or folder, or path::Class::test
#   make test ONLY=words           tests whose name matches (pytest -k)
#   make test ARGS='-x --pdb'      more arguments for pytest
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

ONLY=${ONLY:-}
read -ra EXTRA <<<"${ARGS:-}"
RESULTS=$(mktemp -d)
TEST_DB=test_$$
export PYTHONDONTWRITEBYTECODE=1 TZ=UTC

# shellcheck disable=SC2329  # called by the trap
clean_up() {
    rm -rf "$RESULTS"
    (drop_db "$TEST_DB") || true
}
trap clean_up EXIT
cd "$ROOT"

# Narrow a run to ONLY: sets TARGETS, or says no.
narrow() {
    TARGETS=("$@")
    WORDS=()
    [[ -n $ONLY ]] || return 0
    local path=${ONLY%%::*} target
    path=${path#./}
    if [[ ! -e $path ]]; then
        WORDS=(-k "$ONLY")
        return 0
    fi
    TARGETS=()
    for target in "$@"; do
        if [[ $path == "$target" || $path == "$target"/* ]]; then
            TARGETS=("$ONLY")
            return 0
        elif [[ $target == "${path%/}"/* ]]; then
            TARGETS+=("$target")
        fi
    done
    ((${#TARGETS[@]}))
}

# run name pytest-arguments...: a failure is counted by the summary at the end.
run() {
    local name=$1 status=0
    shift
    step "Tests: $name"
    "$VENV/bin/python" -m pytest --junitxml="$RESULTS/$name.xml" -o junit_family=xunit2 \
        "${WORDS[@]}" "${EXTRA[@]}" "$@" || status=$?
    # 1: tests failed, they are in the report; 5: nothing matched. With any other
    # status pytest itself broke down, and its report may be empty.
    if [[ $status -ne 0 && $status -ne 5 ]]; then
        FAILED=1
        [[ $status -eq 1 ]] || broken "$name"
    fi
}

# broken name: a run that could not take place counts as a failed test.
broken() {
    printf '<testsuite><testcase classname="make test" name="%s"><failure/></testcase></testsuite>' "$1" \
        >"$RESULTS/$1-broken.xml"
}

existing() {
    local path
    for path in "$@"; do
        [[ ! -e $path ]] || printf '%s\n' "$path"
    done
}

FAILED=0
"$ROOT/dev/setup.sh" --tests

mapfile -t engine < <(existing addons/*/tests/engine)
if ((${#engine[@]})) && narrow "${engine[@]}"; then
    run engine -p no:odoo "${TARGETS[@]}"
fi

mapfile -t outside < <(existing tests/test_*.py)
if ((${#outside[@]})) && narrow "${outside[@]}"; then
    run outside -p no:odoo "${TARGETS[@]}"
fi

mapfile -t inside < <(existing addons/*/tests tests/odoo)
if ((${#inside[@]})) && [[ $ONLY != */tests/engine* && $ONLY != */test_demo.py* ]] && narrow "${inside[@]}"; then
    if template=$("$ROOT/dev/template.sh"); then
        copy_db "$template" "$TEST_DB"
        ODOO_RC=$CONF run odoo --odoo-database="$TEST_DB" --odoo-http \
            --ignore-glob='*/tests/engine/*' --ignore-glob='*/test_demo.py' "${TARGETS[@]}"
        drop_db "$TEST_DB"
    else
        FAILED=1
        broken installation
    fi
fi

# The demonstration data has a database of its own: other tests do without it.
mapfile -t demo < <(existing addons/*/tests/test_demo.py addons/*/tests/*/test_demo.py)
if ((${#demo[@]})) && narrow "${demo[@]}"; then
    copy_db "$DEPS_DB" "$TEST_DB"
    if (install_with_demo "$TEST_DB" "$RUN/log/test-demo.log"); then
        ODOO_RC=$CONF run demo --odoo-database="$TEST_DB" --odoo-http "${TARGETS[@]}"
    else
        FAILED=1
        broken demonstration
    fi
fi

mapfile -t reports < <(existing "$RESULTS"/*.xml)
((${#reports[@]})) || fail "no test matches ${ONLY:-anything}"
echo
"$VENV/bin/python" dev/junit.py "${reports[@]}" || FAILED=1
exit "$FAILED"
