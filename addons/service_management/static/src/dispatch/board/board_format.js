import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { HOUR, MINUTE } from "./time_axis";

const { DateTime } = luxon;

export const STATE_LABELS = {
    planned: _t("Planned"),
    en_route: _t("On the Way"),
    on_site: _t("On Site"),
    done: _t("Done"),
};
export const STATE_ICONS = {
    planned: "fa-calendar-o",
    en_route: "fa-car",
    on_site: "fa-wrench",
    done: "fa-check",
};
export const ORDER_STATES = {
    new: _t("Needs a service point"),
    offered: _t("Offered, no answer yet"),
    accepted: _t("Accepted, to be planned"),
};

/** A moment (seconds since 1970) in the user's time zone. */
export function local(moment) {
    return DateTime.fromSeconds(moment);
}

export function formatClock(moment) {
    const hasHalves = (localization.timeFormat || "").includes("a");
    return local(moment).toFormat(hasHalves ? "h:mm a" : "HH:mm");
}

/** A full hour as short as may be, for the axis. */
export function formatHour(moment) {
    const hasHalves = (localization.timeFormat || "").includes("a");
    return local(moment).toFormat(hasHalves ? "h a" : "HH:mm");
}

export function formatDay(moment) {
    return local(moment).toLocaleString({ weekday: "short", month: "short", day: "numeric" });
}

export function formatSpan({ start, end }) {
    return `${formatClock(start)} – ${formatClock(end)}`;
}

export function formatHours(hours) {
    return hours >= 10 ? String(Math.round(hours)) : String(Math.round(hours * 10) / 10);
}

/** 95 minutes → "1 h 35 min". */
export function formatLength(seconds) {
    const minutes = Math.round(Math.abs(seconds) / MINUTE);
    const hours = Math.floor(minutes / 60);
    const rest = minutes % 60;
    if (hours >= 48) {
        return _t("%s days", Math.round(hours / 24));
    }
    if (!hours) {
        return _t("%s min", rest);
    }
    return rest && hours < 10
        ? _t("%(hours)s h %(minutes)s min", { hours, minutes: rest })
        : _t("%s h", hours);
}

/**
 * How a deadline stands at `now`.
 *
 * @returns {{text: string, tone: "danger" | "warning" | "muted", isLate: boolean}}
 */
export function describeDue(due, now) {
    if (!due) {
        return { text: _t("No deadline"), tone: "muted", isLate: false };
    }
    const left = due - now;
    if (left < 0) {
        return { text: _t("%s late", formatLength(left)), tone: "danger", isLate: true };
    }
    return {
        text: _t("%s left", formatLength(left)),
        tone: left < 4 * HOUR ? "warning" : "muted",
        isLate: false,
    };
}
