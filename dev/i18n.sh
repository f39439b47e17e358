#!/usr/bin/env bash
# Writes each addon's terms (i18n/*.pot) and brings i18n/zh_CN.po up to date: terms
# that are gone leave, new ones come without a translation and are listed.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

database=i18n_$$
log=$RUN/log/i18n.log

"$ROOT/dev/setup.sh"
trap 'drop_db "$database"' EXIT
# With our demonstration data: its terms are translated too.
step "Installing $(present_addons) to read their terms"
copy_db "$DEPS_DB" "$database"
install_with_demo "$database" "$log"
modules=$(present_addons)
# shellcheck disable=SC2086  # a list of words
odoo_do i18n export -c "$CONF" -d "$database" -l pot -- ${modules//,/ } >>"$log" 2>&1 ||
    fail "the terms could not be exported (see .run/log/i18n.log)"
# shellcheck disable=SC2086
(cd "$ADDONS" && "$ODOO_PYTHON" "$ROOT/dev/merge_terms.py" zh_CN ${modules//,/ })
