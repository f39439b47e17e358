import { _t } from "@web/core/l10n/translation";

export const RESULT_LABELS = {
    outcome: () => _t("Result"),
    report: () => _t("Report"),
    signed_by: () => _t("Name"),
    needs_next_visit: () => _t("Another visit is needed"),
    next_visit_date: () => _t("Wished day"),
    next_visit_note: () => _t("Needed for it"),
    section_id: () => _t("Where was it?"),
    defect_id: () => _t("What was wrong?"),
    repair_code_id: () => _t("What was done?"),
};
