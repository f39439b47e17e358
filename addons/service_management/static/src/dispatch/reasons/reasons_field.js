import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * The reasons of an automatic decision, one line each: what was looked at, the fact
 * behind it and, where it was weighed, how much it spoke against the candidate.
 *
 * Reads a list of `{ code, text, value, cost }`.
 */
export class ReasonsField extends Component {
    static template = "service_management.ReasonsField";
    static props = { ...standardFieldProps };

    get reasons() {
        return toReasons(this.props.record.data[this.props.name]);
    }
}

/** Rows to show for stored reasons; what is not a reason is left out. */
export function toReasons(value) {
    const list = Array.isArray(value) ? value : [];
    const costs = list.map((reason) => reason?.cost || 0);
    const worst = Math.max(0, ...costs);
    return list
        .filter((reason) => reason && (reason.text || reason.code))
        .map((reason, index) => ({
            key: `${reason.code}_${index}`,
            code: reason.code,
            text: reason.text || reason.code,
            hasCost: typeof reason.cost === "number",
            cost: (reason.cost || 0).toFixed(2),
            share: worst ? Math.round((100 * (reason.cost || 0)) / worst) : 0,
        }));
}

export const reasonsField = {
    component: ReasonsField,
    displayName: _t("Reasons"),
    supportedTypes: ["json"],
    isEmpty: (record, name) => !toReasons(record.data[name]).length,
};

registry.category("fields").add("service_reasons", reasonsField);
