import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatDate, deserializeDate } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Bootstrap colour and icon of each state of coverage. */
const LOOKS = {
    covered: ["success", "fa-check-circle"],
    warranty: ["success", "fa-shield"],
    overage: ["warning", "fa-money"],
    refused: ["danger", "fa-ban"],
    excluded: ["danger", "fa-ban"],
    none: ["secondary", "fa-circle-o"],
    not_needed: ["secondary", "fa-circle-o"],
};

/** Who pays a kind of cost: nobody but the customer should be seen at a glance. */
const PAYER_LOOKS = {
    customer: "text-bg-warning",
    open: "text-bg-secondary",
};

/**
 * What covers an order, what is left of it and what it costs otherwise, for somebody
 * who is about to promise something.
 *
 * `value` is what `service.order._prepare_coverage_view` gives:
 * `{ state, label, reasons: [{ code, text, note }], meter: { left, granted, end },
 * price, otherwise, kinds: [{ kind, label, payer, payer_label, text }] }`.
 */
export class CoveragePanel extends Component {
    static template = "service_management.CoveragePanel";
    static props = { value: { optional: true } };

    get look() {
        const [color, icon] = LOOKS[this.props.value.state] || LOOKS.none;
        return { color, icon };
    }

    get meter() {
        const meter = this.props.value.meter;
        if (!meter || !meter.granted) {
            return null;
        }
        return {
            share: Math.round((100 * Math.max(meter.left, 0)) / meter.granted),
            text: _t("%(left)s of %(granted)s left until %(end)s", {
                left: String(meter.left),
                granted: String(meter.granted),
                end: formatDate(deserializeDate(meter.end)),
            }),
        };
    }

    payerLook(payer) {
        return PAYER_LOOKS[payer] || "text-bg-success";
    }

    /** The first reason decides; the others say what else was looked at. */
    get reason() {
        return this.props.value.reasons[0];
    }

    get otherReasons() {
        return this.props.value.reasons.slice(1);
    }
}

export class CoverageField extends Component {
    static template = "service_management.CoverageField";
    static components = { CoveragePanel };
    static props = { ...standardFieldProps };

    get value() {
        return this.props.record.data[this.props.name];
    }
}

registry.category("fields").add("service_coverage", {
    component: CoverageField,
    displayName: _t("Coverage"),
    supportedTypes: ["json"],
});
