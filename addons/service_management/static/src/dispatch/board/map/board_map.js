import { Component } from "@odoo/owl";
import { ServiceMap } from "@service_management/network/service_map/service_map";
import { describeDue } from "../board_format";

const COLORS = { danger: "#dc3545", warning: "#e8a200", muted: "#71639e" };
const ROUTE = "#017e84";

/** Where points, technicians and orders are; the way of the chosen technician. */
export class BoardMap extends Component {
    static template = "service_management.BoardMap";
    static components = { ServiceMap };
    static props = {
        store: Object,
        version: Number,
        waiting: Array,
        now: Number,
        orderId: [Number, Boolean],
        technicianId: [Number, Boolean],
        fitKey: String,
        onOrder: Function,
        onTechnician: Function,
    };

    get markers() {
        const { store, technicianId } = this.props;
        return [
            ...this.place("p", "point", store.points.values(), (point) => ({ label: point.name })),
            ...this.place("t", "technician", store.technicians.values(), (technician) => ({
                label: technician.name,
                color: technician.id === technicianId ? ROUTE : undefined,
            })),
            ...this.place("o", "order", this.orders, (order) => ({
                label: `${order.customer} · ${order.name}`,
                color: COLORS[describeDue(order.due, this.props.now).tone],
            })),
        ];
    }

    /** Waiting orders, what is selected, and where the chosen technician goes. */
    get orders() {
        const { store, waiting, orderId } = this.props;
        const orders = new Map(waiting.map((order) => [order.id, order]));
        const ids = [orderId, ...this.stops.map((visit) => visit.order_id)];
        for (const id of ids) {
            if (store.orders.has(id)) {
                orders.set(id, store.orders.get(id));
            }
        }
        return orders.values();
    }

    place(prefix, kind, records, more) {
        return [...records]
            .filter((record) => record.position)
            .map((record) => ({
                id: `${prefix}${record.id}`,
                lat: record.position[0],
                lng: record.position[1],
                kind,
                ...more(record),
            }));
    }

    /** The chosen technician's visits of the first day that has any to come. */
    get stops() {
        const { store, technicianId, now } = this.props;
        const visits = technicianId ? store.getVisits(technicianId) : [];
        const next = visits.find((visit) => visit.end > now) || visits[0];
        if (!next) {
            return [];
        }
        const dayOf = (visit) => store.days.findLast((day) => day <= visit.start);
        return visits.filter((visit) => dayOf(visit) === dayOf(next));
    }

    get lines() {
        const { store, technicianId } = this.props;
        const technician = store.technicians.get(technicianId);
        const points = [technician && technician.position]
            .concat(this.stops.map((visit) => store.getPosition(visit)))
            .filter(Boolean);
        return points.length > 1 ? [{ id: "route", points, color: ROUTE }] : [];
    }

    get selectedId() {
        const { orderId, technicianId } = this.props;
        if (orderId) {
            return `o${orderId}`;
        }
        return technicianId ? `t${technicianId}` : undefined;
    }

    onMarkerClick(id) {
        const number = Number(id.slice(1));
        if (id[0] === "o") {
            this.props.onOrder(number);
        } else if (id[0] === "t") {
            this.props.onTechnician(number);
        }
    }
}
