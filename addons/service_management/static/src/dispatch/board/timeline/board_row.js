import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatHours, formatSpan, STATE_ICONS, STATE_LABELS } from "../board_format";

/** One technician: name and load on the left, hours, leaves, standbys and visits on the axis. */
export class BoardRow extends Component {
    static template = "service_management.BoardRow";
    static props = {
        axis: Object,
        store: Object,
        row: Object,
        visits: Array,
        top: Number,
        height: Number,
        from: Number,
        to: Number,
        selectedId: [Number, Boolean],
        focusId: [Number, Boolean],
        isMarked: Boolean,
        bestTimes: Array,
        pending: Object,
        pendingVersion: Number,
        index: Number,
    };

    get technician() {
        return this.props.row.technician;
    }

    get load() {
        const { booked, hours } = this.props.store.getLoad(this.technician.id);
        return {
            text: hours
                ? `${formatHours(booked)} / ${formatHours(hours)} h`
                : `${formatHours(booked)} h`,
            percent: hours ? Math.min(Math.round((booked / hours) * 100), 100) : 0,
            isFull: hours && booked > hours,
        };
    }

    get initials() {
        return [...(this.technician.name || "?").trim()][0].toUpperCase();
    }

    style({ x, width }) {
        return `left:${Math.round(x)}px;width:${Math.max(Math.round(width), 0)}px`;
    }

    isSeen({ x, width }) {
        return width > 0.5 && x + width >= this.props.from && x <= this.props.to;
    }

    /** Where nobody works: outside of the hours, breaks included. */
    get shades() {
        const { axis } = this.props;
        return axis
            .gaps(this.technician.hours)
            .map(([start, end]) => ({ key: start, ...axis.span(start, end) }))
            .filter((shade) => this.isSeen(shade));
    }

    get leaves() {
        const { axis, store } = this.props;
        return store
            .getLeaves(this.technician.id)
            .map(({ start, end, name }) => ({
                key: `${start}-${end}`,
                name: name || _t("Time off"),
                ...axis.span(start, end),
            }))
            .filter((leave) => this.isSeen(leave));
    }

    /** Who waits at a place within working hours, or is on call beside them. */
    get standbys() {
        const { axis, store } = this.props;
        return store
            .getStandbys(this.technician.id)
            .map(({ start, end, place }) => ({
                key: start,
                name: place ? _t("Stands by at %s", place) : _t("On call"),
                time: formatSpan({ start, end }),
                ...axis.span(start, end),
            }))
            .filter((standby) => this.isSeen(standby));
    }

    get marks() {
        const { axis, bestTimes } = this.props;
        return bestTimes.map((slot) => ({
            key: slot.start,
            slot,
            ...axis.span(slot.start, slot.end),
        }));
    }

    get items() {
        const { axis, store, visits } = this.props;
        const items = [];
        for (const visit of visits) {
            const span = axis.span(visit.start, visit.end);
            if (!this.isSeen(span)) {
                continue;
            }
            items.push(this.getItem(visit, span, store, axis));
        }
        return items;
    }

    getItem(visit, span, store, axis) {
        const order = store.orders.get(visit.order_id) || {};
        const travel = store.getTravel(this.technician.id, visit);
        const way = axis.span(visit.start - travel.minutes * 60, visit.start);
        const isLate = Boolean(order.due) && visit.end > order.due;
        const label = [
            order.name,
            order.customer,
            formatSpan(visit),
            STATE_LABELS[visit.state],
            visit.locked ? _t("Locked") : "",
            isLate ? _t("After the deadline") : "",
        ].filter(Boolean);
        return {
            visit,
            order,
            travel,
            way,
            icon: STATE_ICONS[visit.state],
            style: this.style({ x: span.x, width: Math.max(span.width - 1, 6) }),
            wayStyle: this.style(way),
            isNarrow: span.width < 54,
            isLate,
            isSelected: visit.id === this.props.selectedId,
            isPending: this.props.pending.has(visit.id),
            canDrag: visit.state === "planned" && !visit.locked,
            tabindex: visit.id === this.props.focusId ? 0 : -1,
            time: formatSpan(visit),
            label: label.join(", "),
            travelTitle: travel.isEstimate
                ? _t("About %s min of travel", travel.minutes)
                : _t("%s min of travel", travel.minutes),
        };
    }
}
