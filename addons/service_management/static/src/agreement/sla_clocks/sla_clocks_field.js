import { Component, onWillUnmount, useState } from "@odoo/owl";
import { formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const { DateTime } = luxon;

/** Icon, tone and word of each way a clock can stand. */
const LOOKS = {
    running: ["fa-clock-o", "success", _t("On track")],
    at_risk: ["fa-exclamation-circle", "warning", _t("At risk")],
    overdue: ["fa-exclamation-triangle", "danger", _t("Overdue")],
    paused: ["fa-pause", "info", _t("Paused")],
    met: ["fa-check", "success", _t("Met")],
    missed: ["fa-times", "danger", _t("Missed")],
};
const REFRESH = 60 * 1000;

/**
 * @param {number} minutes
 * @returns {string} 95 → "1 h 35 min"
 */
export function formatMinutes(minutes) {
    const whole = Math.max(Math.round(minutes), 0);
    const hours = Math.floor(whole / 60);
    const rest = whole % 60;
    if (!hours) {
        return _t("%s min", rest);
    }
    return rest ? _t("%(hours)s h %(minutes)s min", { hours, minutes: rest }) : _t("%s h", hours);
}

/** The promises of an order: how much of each has passed, and until when. */
export class SlaClocksField extends Component {
    static template = "service_management.SlaClocksField";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ now: DateTime.now() });
        const timer = setInterval(() => (this.state.now = DateTime.now()), REFRESH);
        onWillUnmount(() => clearInterval(timer));
    }

    get clocks() {
        const { records } = this.props.record.data[this.props.name];
        // In the order in which the promises are usually kept
        return records
            .map((record) => this.getClock(record))
            .sort((one, other) => one.order - other.order);
    }

    getClock(record) {
        const data = record.data;
        const look = this.getLook(data);
        const [icon, tone, word] = LOOKS[look];
        const metrics = record.fields.metric.selection;
        const labels = Object.fromEntries(metrics);
        const percent = data.target_minutes ? (data.elapsed_now / data.target_minutes) * 100 : 0;
        return {
            key: record.id,
            order: metrics.findIndex(([metric]) => metric === data.metric),
            look,
            icon,
            tone,
            word,
            label: labels[data.metric] || data.metric,
            width: Math.min(Math.round(percent), 100),
            warnAt: Math.round((data.warn_minutes / data.target_minutes) * 100) || 0,
            passed: formatMinutes(data.elapsed_now),
            target: formatMinutes(data.target_minutes),
            when: this.getWhen(data, look),
            date: this.getDate(data),
            reason: data.reason_text || "",
        };
    }

    getLook(data) {
        if (data.state !== "running") {
            return data.state;
        }
        // Between two runs of the job the browser knows first
        if (data.is_breached || (data.breach_at && data.breach_at < this.state.now)) {
            return "overdue";
        }
        return data.is_warned || (data.warn_at && data.warn_at < this.state.now)
            ? "at_risk"
            : "running";
    }

    getDate(data) {
        const date = data.stopped_at || (data.state === "paused" ? data.paused_at : data.due_at);
        return date ? formatDateTime(date, { format: "f" }) : "";
    }

    getWhen(data, look) {
        if (look === "paused") {
            return data.pause_text
                ? _t("Paused for: %s", data.pause_text)
                : _t("Paused, no time passes");
        }
        if (look === "met") {
            return _t("Kept with %s left", formatMinutes(data.target_minutes - data.elapsed_now));
        }
        if (look === "missed" || look === "overdue") {
            return _t("%s late", formatMinutes(data.late_now));
        }
        if (!data.due_at) {
            return _t("No working hours ahead");
        }
        return _t("Due %s", data.due_at.toRelative({ base: this.state.now }));
    }
}

export const slaClocksField = {
    component: SlaClocksField,
    displayName: _t("Service-Level Clocks"),
    supportedTypes: ["one2many"],
    useSubView: true,
};

registry.category("fields").add("service_sla_clocks", slaClocksField);
