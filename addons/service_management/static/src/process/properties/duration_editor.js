import { Component, useRef } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

const ISO = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/;

/** @returns {{ number: string, unit: string }} of an ISO 8601 duration of one unit */
export function parseDuration(text) {
    const [, days, hours, minutes] = text.match(ISO) || [];
    const parts = [
        [days, "D"],
        [hours, "H"],
        [minutes, "M"],
    ].filter(([number]) => number);
    if (parts.length !== 1) {
        return { number: "", unit: "iso" };
    }
    return { number: parts[0][0], unit: parts[0][1] };
}

export function formatDuration(number, unit) {
    if (!(number > 0)) {
        return "";
    }
    return unit === "D" ? `P${number}D` : `PT${number}${unit}`;
}

/** How long a timer waits: in working hours, or by the clock on the wall. */
export class DurationEditor extends Component {
    static template = "service_management.DurationEditor";
    static props = {
        hours: String,
        duration: String,
        setHours: Function,
        setDuration: Function,
        readonly: { type: Boolean, optional: true },
    };

    setup() {
        this.number = useRef("number");
        this.unit = useRef("unit");
    }

    get units() {
        const units = [
            ["work", _t("working hours")],
            ["M", _t("minutes by the clock")],
            ["H", _t("hours by the clock")],
            ["D", _t("days by the clock")],
        ];
        if (this.current.unit === "iso") {
            units.push(["iso", _t("as ISO 8601")]);
        }
        return units;
    }

    get current() {
        if (this.props.hours || !this.props.duration) {
            return { number: this.props.hours, unit: "work" };
        }
        const { number, unit } = parseDuration(this.props.duration);
        return unit === "iso" ? { number: this.props.duration, unit } : { number, unit };
    }

    get text() {
        const { number, unit } = this.current;
        return number && `${number} ${Object.fromEntries(this.units)[unit]}`;
    }

    /** Both inputs count as they stand: one may have changed a moment ago. */
    change() {
        const number = this.number.el.value.trim();
        const unit = this.unit.el.value;
        if (unit === "work") {
            const hours = Number(number.replace(",", "."));
            this.props.setHours(hours > 0 ? `${hours}` : "");
        } else if (unit === "iso") {
            this.props.setDuration(number);
        } else {
            this.props.setDuration(formatDuration(Math.ceil(number.replace(",", ".")), unit));
        }
    }
}
