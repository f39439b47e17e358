import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import {
    describeDue,
    formatClock,
    formatDay,
    formatLength,
    formatSpan,
    ORDER_STATES,
    STATE_LABELS,
} from "../board_format";

/** The selected order or visit: what it is, what may be done, the best times, points. */
export class BoardDetails extends Component {
    static template = "service_management.BoardDetails";
    static props = {
        store: Object,
        version: Number,
        order: Object,
        visit: [Object, Boolean],
        now: Number,
        proposals: [Object, Boolean],
        details: [Object, Boolean],
        isBusy: Boolean,
        onClose: Function,
        onOpen: Function,
        onSlot: Function,
        onPoint: Function,
        onDispatch: Function,
        onVisitAction: Function,
        onLock: Function,
    };

    get due() {
        return describeDue(this.props.order.due, this.props.now);
    }

    get dueDate() {
        const { due } = this.props.order;
        return due ? `${formatDay(due)} ${formatClock(due)}` : "";
    }

    get type() {
        const type = this.props.store.types.get(this.props.order.type_id);
        return type ? type.name : "";
    }

    get point() {
        const point = this.props.store.points.get(this.props.order.point_id);
        return point ? point.name : "";
    }

    get state() {
        const { visit, order } = this.props;
        return visit ? STATE_LABELS[visit.state] : ORDER_STATES[order.state];
    }

    get when() {
        const { visit } = this.props;
        return visit ? `${formatDay(visit.start)} ${formatSpan(visit)}` : "";
    }

    get length() {
        const { visit, order } = this.props;
        return formatLength(visit ? visit.end - visit.start : order.minutes * 60);
    }

    get crew() {
        const { visit, store } = this.props;
        return visit.technician_ids
            .map((id) => (store.technicians.get(id) || { name: _t("somebody else") }).name)
            .join(", ");
    }

    /** What else is known of the order, as [label, text]. */
    get facts() {
        const { details } = this.props;
        if (!details) {
            return [];
        }
        return [
            [_t("Product"), details.asset],
            [_t("Fault"), details.symptom],
            [_t("Skills"), details.skills],
            [_t("Tools"), details.tools],
            [_t("Parts"), details.parts],
            [_t("After"), details.after],
        ].filter(([, text]) => text);
    }

    get slots() {
        const { proposals } = this.props;
        return (proposals ? proposals.slots : []).map((slot) => ({
            ...slot,
            when: `${formatDay(slot.start)} ${formatSpan(slot)}`,
        }));
    }

    get points() {
        const { proposals, order } = this.props;
        return (proposals ? proposals.points : []).map((line) => ({
            ...line,
            isAsked: order.asked_points.includes(line.point_id),
            why: line.reasons.map((reason) => this.getReason(reason)).join(" · "),
        }));
    }

    getReason({ text, value }) {
        if (value === null || value === undefined || value === true) {
            return text;
        }
        if (value === false) {
            return "";
        }
        return `${text}: ${value}`;
    }

    get canDispatch() {
        const { store, visit, order } = this.props;
        return store.rights.dispatcher && !visit && ["new", "offered"].includes(order.state);
    }
}
