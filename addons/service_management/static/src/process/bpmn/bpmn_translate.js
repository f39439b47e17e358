import { _t } from "@web/core/l10n/translation";

/** Texts of bpmn-js itself that our subset of its tools still shows. */
function getTerms() {
    return {
        "Align elements": _t("Align elements"),
        "Align elements left": _t("Align elements left"),
        "Align elements center": _t("Align elements center"),
        "Align elements right": _t("Align elements right"),
        "Align elements top": _t("Align elements top"),
        "Align elements middle": _t("Align elements middle"),
        "Align elements bottom": _t("Align elements bottom"),
        "Distribute elements horizontally": _t("Distribute elements horizontally"),
        "Distribute elements vertically": _t("Distribute elements vertically"),
        "Change element": _t("Change element"),
        "Search in diagram": _t("Search in diagram"),
        Delete: _t("Delete"),
        "Open {element}": _t("Open {element}"),
        "no diagram to display": _t("There is no diagram in this file."),
        "no process or collaboration to display": _t("There is no process in this file."),
        "failed to import {element}": _t("{element} cannot be drawn"),
        "missing {semantic}#attachedToRef": _t("{semantic} is attached to nothing"),
        "multiple DI elements defined for {element}": _t("{element} is drawn twice"),
        "element {element} referenced by {referenced}#{property} not yet drawn": _t(
            "{element}, which {referenced} refers to, is not drawn"
        ),
    };
}

/** The translator that bpmn-js asks for its own texts. */
export function translate(template, replacements = {}) {
    const term = String(getTerms()[template] || template);
    return term.replace(/{([^}]+)}/g, (match, key) => replacements[key] ?? match);
}
