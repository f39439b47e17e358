import { Component } from "@odoo/owl";
import { formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { imageUrl } from "@web/core/utils/urls";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const { DateTime } = luxon;

/** Icon and tone of each kind of event; what is not named is an ordinary fact. */
const LOOKS = {
    created: ["fa-plus", "secondary"],
    registered: ["fa-check", "primary"],
    updated: ["fa-pencil", "secondary"],
    warranty: ["fa-shield", "secondary"],
    goodwill: ["fa-heart", "success"],
    campaign: ["fa-bullhorn", "warning"],
    offered: ["fa-share", "info"],
    accepted: ["fa-thumbs-up", "success"],
    rejected: ["fa-thumbs-down", "danger"],
    expired: ["fa-hourglass-end", "warning"],
    withdrawn: ["fa-undo", "warning"],
    assigned: ["fa-hand-o-right", "info"],
    overridden: ["fa-unlock-alt", "danger"],
    unserved: ["fa-exclamation-triangle", "danger"],
    scheduled: ["fa-calendar-check-o", "info"],
    rescheduled: ["fa-calendar", "warning"],
    reschedule_asked: ["fa-calendar-o", "warning"],
    visit_cancelled: ["fa-calendar-times-o", "warning"],
    en_route: ["fa-car", "info"],
    on_site: ["fa-map-marker", "info"],
    part_used: ["fa-cog", "secondary"],
    visit_done: ["fa-home", "success"],
    done: ["fa-flag-checkered", "success"],
    confirmed: ["fa-smile-o", "success"],
    closed: ["fa-lock", "success"],
    reopened: ["fa-repeat", "warning"],
    cancelled: ["fa-ban", "danger"],
    message: ["fa-comment-o", "primary"],
    priced: ["fa-calculator", "secondary"],
    settled: ["fa-money", "success"],
    escalated: ["fa-level-up", "danger"],
    reassigned: ["fa-exchange", "warning"],
    taken: ["fa-hand-paper-o", "success"],
    given_back: ["fa-undo", "warning"],
    handed_over: ["fa-handshake-o", "info"],
    shared: ["fa-share-alt", "secondary"],
    unshared: ["fa-eye-slash", "secondary"],
    work_started: ["fa-play", "info"],
    clock_paused: ["fa-pause", "secondary"],
    clock_resumed: ["fa-play-circle-o", "secondary"],
    clock_retargeted: ["fa-bullseye", "warning"],
    sla_warned: ["fa-bell-o", "warning"],
    sla_breached: ["fa-bell", "danger"],
};

/** The events of an order as a story, the latest first, by day. */
export class TimelineField extends Component {
    static template = "service_management.TimelineField";
    static props = { ...standardFieldProps };

    get list() {
        return this.props.record.data[this.props.name];
    }

    /** @returns {{ key: string, label: string, events: Object[] }[]} */
    get days() {
        const days = [];
        for (const record of [...this.list.records].reverse()) {
            const { date } = record.data;
            const key = date.toISODate();
            if (days.at(-1)?.key !== key) {
                days.push({ key, label: this.getDayLabel(date), events: [] });
            }
            days.at(-1).events.push(this.getEvent(record));
        }
        return days;
    }

    getDayLabel(date) {
        const today = DateTime.now();
        if (date.hasSame(today, "day")) {
            return _t("Today");
        }
        if (date.hasSame(today.minus({ days: 1 }), "day")) {
            return _t("Yesterday");
        }
        return formatDate(date);
    }

    getEvent(record) {
        const { kind, date, user_id: actor, name, is_public: isPublic } = record.data;
        const [icon, tone] = LOOKS[kind] || ["fa-circle-o", "secondary"];
        const labels = Object.fromEntries(record.fields.kind.selection);
        return {
            key: record.id,
            icon,
            tone,
            time: date.toFormat("HH:mm"),
            datetime: date.toISO(),
            label: labels[kind] || kind,
            lines: (name || "").split("\n").filter(Boolean),
            actor: actor ? actor.display_name : _t("System"),
            avatar: actor ? imageUrl("res.users", actor.id, "avatar_128") : "",
            isPublic,
        };
    }
}

export const timelineField = {
    component: TimelineField,
    displayName: _t("Timeline"),
    supportedTypes: ["one2many"],
    useSubView: true,
};

registry.category("fields").add("service_timeline", timelineField);
