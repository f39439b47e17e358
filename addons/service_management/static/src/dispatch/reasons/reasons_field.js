import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat, formatPercentage } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * The cost that fills a bar: the largest weight an objective has by default. One
 * scale for all, so that the bars of two candidates can be compared.
 */
const FULL_COST = 3;

/** Facts that are shares, told as percentages. */
const SHARES = new Set(["satisfaction", "first_time_fix", "late", "parts"]);

/** What a point is to the customer or the asset. */
const CONTINUITY = {
    designated: _t("designated"),
    served: _t("served it last"),
    installed: _t("installed it"),
};

/**
 * Rows to show for stored reasons `{ code, text, value, cost }`: what was looked at,
 * the fact behind it and how far it speaks against the point, for a bar. What is not
 * a reason is left out.
 */
export function toReasons(value) {
    const list = (Array.isArray(value) ? value : []).filter(
        (reason) => reason && (reason.text || reason.code)
    );
    const full = Math.max(FULL_COST, ...list.map((reason) => reason.cost || 0));
    return list.map((reason, index) => ({
        key: `${reason.code}_${index}`,
        code: reason.code,
        text: capitalise(reason.text || reason.code),
        value: formatFact(reason),
        against: reason.cost
            ? _t("Speaks against it: %s", formatFloat(reason.cost, { digits: [0, 2] }))
            : "",
        share: Math.round((100 * (reason.cost || 0)) / full),
    }));
}

function capitalise(text) {
    return text.charAt(0).toUpperCase() + text.slice(1);
}

function formatFact({ code, value, cost }) {
    if (value === null || value === undefined || value === "") {
        // What was weighed without being known is said; a broken rule has no fact.
        return cost ? _t("unknown") : "";
    }
    if (typeof value === "boolean") {
        return value ? _t("Yes") : _t("No");
    }
    if (code === "continuity" && value in CONTINUITY) {
        return CONTINUITY[value].toString();
    }
    if (SHARES.has(code) && typeof value === "number") {
        return formatPercentage(value, { digits: [0, 0] });
    }
    if (typeof value === "number" && !Number.isInteger(value)) {
        return formatFloat(value, { digits: [0, 1] });
    }
    return String(value);
}

/** The list of reasons itself, for fields and for other lists. */
export class Reasons extends Component {
    static template = "service_management.Reasons";
    static props = { value: { optional: true } };

    get reasons() {
        return toReasons(this.props.value);
    }
}

/** The reasons of an automatic decision, one line each. */
export class ReasonsField extends Component {
    static template = "service_management.ReasonsField";
    static components = { Reasons };
    static props = { ...standardFieldProps };

    get value() {
        return this.props.record.data[this.props.name];
    }
}

/** A whole decision: every candidate in its order, chosen or refused, and why. */
export class CandidatesField extends Component {
    static template = "service_management.CandidatesField";
    static components = { Reasons };
    static props = { ...standardFieldProps };

    get lines() {
        const value = this.props.record.data[this.props.name];
        return Array.isArray(value) ? value : [];
    }

    /** How many candidates were looked at and are not told of one by one. */
    get more() {
        const { more_eligible: eligible, more_refused: refused } =
            this.lines.find((line) => !("point" in line)) || {};
        if (!eligible && !refused) {
            return "";
        }
        return _t("And %(eligible)s more that could have it, %(refused)s more refused.", {
            eligible: eligible || 0,
            refused: refused || 0,
        });
    }

    get candidates() {
        return this.lines
            .filter((line) => "point" in line)
            .map((candidate, index) => ({
                key: candidate.point_id || index,
                name: candidate.point || "",
                rank: candidate.rank,
                isRefused: !candidate.rank,
                cost: candidate.rank ? formatFloat(candidate.cost || 0, { digits: [0, 2] }) : "",
                why: candidate.rank ? "" : toReasons(candidate.reasons)[0]?.text || "",
                reasons: candidate.reasons,
            }));
    }
}

registry.category("fields").add("service_reasons", {
    component: ReasonsField,
    displayName: _t("Reasons"),
    supportedTypes: ["json"],
});

registry.category("fields").add("service_candidates", {
    component: CandidatesField,
    displayName: _t("Candidates"),
    supportedTypes: ["json"],
});
