#!/usr/bin/env bash
# The template of the test databases: the dependencies and our three addons,
# without demo data. Made again when a file of the addons has changed; prints
# its name. The installation must not log a warning.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

TEMPLATE=${TEMPLATE:-service_tpl}

make_template() {
    local recipe building=${TEMPLATE}_building log=$RUN/log/template.log
    recipe="$(db_oid "$DEPS_DB") $(addons_hash)"
    [[ $(db_comment "$TEMPLATE") == "$recipe" ]] && return 0
    step "Template database $TEMPLATE: $(present_addons)"
    drop_db "$building"
    copy_db "$DEPS_DB" "$building"
    install_addons "$building" "$log"
    "$ODOO_PYTHON" "$ROOT/dev/check_log.py" "$log" || fail "the addons' installation logs warnings (above; all of it in .run/log/template.log)"
    drop_db "$TEMPLATE"
    rename_db "$building" "$TEMPLATE" "$recipe"
}

with_lock template make_template
printf '%s\n' "$TEMPLATE"
