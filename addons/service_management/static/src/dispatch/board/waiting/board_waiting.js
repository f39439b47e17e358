import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { describeDue, formatLength, ORDER_STATES } from "../board_format";

const PRIORITIES = ["", "", _t("High"), _t("Urgent")];
const SHOWN = 80;

/** Orders that nobody is booked for, the most urgent first. */
export class BoardWaiting extends Component {
    static template = "service_management.BoardWaiting";
    static props = {
        store: Object,
        orders: Array,
        total: Number,
        now: Number,
        selectedId: [Number, Boolean],
        onSelect: Function,
        onOpen: Function,
        onGrab: Function,
    };

    get cards() {
        return this.props.orders.slice(0, SHOWN).map((order) => this.getCard(order));
    }

    get hidden() {
        return Math.max(this.props.orders.length - SHOWN, 0);
    }

    getCard(order) {
        const type = this.props.store.types.get(order.type_id);
        const point = this.props.store.points.get(order.point_id);
        const due = describeDue(order.due, this.props.now);
        return {
            order,
            due,
            type: type ? type.name : "",
            color: type ? type.color : 0,
            point: point ? point.name : "",
            state: ORDER_STATES[order.state],
            priority: PRIORITIES[order.priority],
            length: formatLength(order.minutes * 60),
            isSelected: order.id === this.props.selectedId,
            label: [order.name, order.customer, type && type.name, order.place, due.text]
                .filter(Boolean)
                .join(", "),
        };
    }

    onPointerdown(ev, order) {
        // Fingers scroll the list; they plan with the buttons of the order
        if (ev.button === 0 && ev.pointerType !== "touch") {
            this.props.onGrab(ev, order);
        }
    }

    onKeydown(ev, order) {
        const next = { ArrowDown: 1, ArrowUp: -1 }[ev.key];
        if (next) {
            const cards = [...ev.currentTarget.parentElement.querySelectorAll("[data-order]")];
            const card = cards[cards.indexOf(ev.currentTarget) + next];
            if (card) {
                ev.preventDefault();
                card.focus();
                this.props.onSelect(Number(card.dataset.order));
            }
        } else if (ev.key === " ") {
            ev.preventDefault();
            this.props.onSelect(order.id);
        } else if (ev.key === "Enter") {
            ev.preventDefault();
            this.props.onOpen("service.order", order.id);
        }
    }
}
