import { MINUTE, HOUR } from "./time_axis";

// As the server estimates travel where nobody has measured it.
const EARTH_KM = 6371;
const DETOUR = 1.3;
const KM_PER_HOUR = 30;

/** Great-circle kilometres between two [latitude, longitude] pairs. */
export function distance([lat1, lng1], [lat2, lng2]) {
    const rad = Math.PI / 180;
    const chord =
        Math.sin(((lat2 - lat1) * rad) / 2) ** 2 +
        Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * Math.sin(((lng2 - lng1) * rad) / 2) ** 2;
    return 2 * EARTH_KM * Math.asin(Math.sqrt(Math.min(chord, 1)));
}

/** Minutes from place to place as far as anybody can tell; 0 where a place is unknown. */
export function estimateTravel(from, to) {
    if (!from || !to) {
        return 0;
    }
    return Math.round(((distance(from, to) * DETOUR) / KM_PER_HOUR) * 60);
}

function toRecords(rows, columns) {
    return rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]])));
}

/**
 * What the board shows, by id and by technician. Plain data: components watch
 * `version`, rows get a new array when something of theirs changed.
 */
export class BoardStore {
    constructor() {
        this.clear();
    }

    clear() {
        this.days = [];
        this.columns = {};
        this.technicians = new Map();
        this.points = new Map();
        this.visits = new Map();
        this.orders = new Map();
        this.types = new Map();
        this.skills = [];
        this.waiting = [];
        this.waitingCount = 0;
        this.rights = {};
        /** technician id → visits by start */
        this.rows = new Map();
        /** technician id → leaves; false → everybody's */
        this.leaves = new Map();
        /** technician id → times of standing by */
        this.standbys = new Map();
    }

    load(board) {
        this.clear();
        this.columns = board.columns;
        this.days = board.days;
        this.rights = board.rights;
        this.waiting = board.waiting;
        this.waitingCount = board.waiting_count;
        this.skills = board.skills;
        this.types = new Map(board.types.map(([id, name, color]) => [id, { id, name, color }]));
        for (const point of toRecords(board.points, board.columns.points)) {
            this.points.set(point.id, point);
        }
        for (const technician of toRecords(board.technicians, board.columns.technicians)) {
            this.technicians.set(technician.id, technician);
        }
        for (const [technicianId, start, end, name] of board.leaves) {
            const leaves = this.leaves.get(technicianId) || [];
            leaves.push({ start, end, name });
            this.leaves.set(technicianId, leaves);
        }
        for (const [technicianId, start, end, place] of board.standbys || []) {
            const standbys = this.standbys.get(technicianId) || [];
            standbys.push({ start, end, place });
            this.standbys.set(technicianId, standbys);
        }
        this._putOrders(board.orders);
        this.sortWaiting();
        this._putVisits(board.visits);
    }

    /** Replace all that is known of `changes.order_ids`. */
    apply(changes) {
        const gone = new Set(changes.order_ids);
        const touched = new Set();
        for (const visit of [...this.visits.values()]) {
            if (gone.has(visit.order_id)) {
                this.visits.delete(visit.id);
                visit.technician_ids.forEach((id) => touched.add(id));
            }
        }
        const wasWaiting = this.waiting.filter((id) => gone.has(id)).length;
        this.waiting = this.waiting.filter((id) => !gone.has(id));
        this.waiting.push(...changes.waiting);
        this.waitingCount += changes.waiting.length - wasWaiting;
        this._putOrders(changes.orders);
        this.sortWaiting();
        this._putVisits(changes.visits, touched);
    }

    _putOrders(rows) {
        for (const order of toRecords(rows, this.columns.orders)) {
            this.orders.set(order.id, order);
        }
    }

    _putVisits(rows, touched = new Set()) {
        for (const visit of toRecords(rows, this.columns.visits)) {
            this.visits.set(visit.id, visit);
            visit.technician_ids.forEach((id) => touched.add(id));
        }
        this._fillRows(touched);
    }

    _fillRows(technicianIds) {
        for (const id of technicianIds) {
            this.rows.set(id, []);
        }
        for (const visit of this.visits.values()) {
            for (const id of visit.technician_ids) {
                if (technicianIds.has(id)) {
                    this.rows.get(id).push(visit);
                }
            }
        }
        for (const id of technicianIds) {
            this.rows.get(id).sort((one, other) => one.start - other.start);
        }
    }

    /** Change a visit before the server has said so; returns how it was. */
    change(visitId, values) {
        const before = this.visits.get(visitId);
        const after = { ...before, ...values };
        this.visits.set(visitId, after);
        this._fillRows(new Set([...before.technician_ids, ...after.technician_ids]));
        return before;
    }

    /** The most urgent first: what is late, then by deadline, then by priority. */
    sortWaiting() {
        const due = (order) => order.due || Infinity;
        this.waiting.sort((first, second) => {
            const one = this.orders.get(first);
            const other = this.orders.get(second);
            return due(one) - due(other) || other.priority - one.priority || one.id - other.id;
        });
    }

    /** Rows as shown: technicians below their points. */
    getRows(text = "") {
        const words = text.toLowerCase().split(/\s+/).filter(Boolean);
        const byPoint = new Map();
        for (const technician of this.technicians.values()) {
            if (words.length && !this._matches(technician, words)) {
                continue;
            }
            if (!byPoint.has(technician.point_id)) {
                byPoint.set(technician.point_id, []);
            }
            byPoint.get(technician.point_id).push(technician);
        }
        const rows = [];
        for (const [pointId, technicians] of byPoint) {
            const point = this.points.get(pointId);
            rows.push({ key: `p${pointId}`, point, count: technicians.length });
            rows.push(
                ...technicians.map((technician) => ({ key: `t${technician.id}`, technician }))
            );
        }
        return rows;
    }

    _matches(technician, words) {
        const point = this.points.get(technician.point_id);
        const text = [
            technician.name,
            point ? point.name : "",
            ...(this.rows.get(technician.id) || []).map((visit) => this.getOrderText(visit)),
        ]
            .join(" ")
            .toLowerCase();
        return words.every((word) => text.includes(word));
    }

    getOrderText(visit) {
        const order = this.orders.get(visit.order_id);
        return order ? `${order.name} ${order.customer} ${order.place}` : "";
    }

    getVisits(technicianId) {
        return this.rows.get(technicianId) || [];
    }

    getLeaves(technicianId) {
        return [...(this.leaves.get(technicianId) || []), ...(this.leaves.get(false) || [])];
    }

    getStandbys(technicianId) {
        return this.standbys.get(technicianId) || [];
    }

    /** Waiting orders whose texts have every word. */
    getWaiting(text = "") {
        const words = text.toLowerCase().split(/\s+/).filter(Boolean);
        const orders = this.waiting.map((id) => this.orders.get(id));
        if (!words.length) {
            return orders;
        }
        return orders.filter((order) => {
            const type = this.types.get(order.type_id);
            const own = `${order.name} ${order.customer} ${order.place} ${
                type ? type.name : ""
            }`.toLowerCase();
            return words.every((word) => own.includes(word));
        });
    }

    /**
     * Minutes from the stop before a visit, or from where the day begins.
     *
     * @returns {{minutes: number, isEstimate: boolean, isTight: boolean}} tight: the
     *     time since the stop before is too short for it
     */
    getTravel(technicianId, visit) {
        const visits = this.getVisits(technicianId);
        const day = this.days.findLast((moment) => moment <= visit.start);
        const before = visits.findLast((one) => one.end <= visit.start && one.start >= day);
        const from = before
            ? this.getPosition(before)
            : (this.technicians.get(technicianId) || {}).position;
        const minutes = visit.travel || estimateTravel(from, this.getPosition(visit));
        return {
            minutes,
            isEstimate: !visit.travel,
            isTight: Boolean(before) && visit.start - before.end < minutes * MINUTE,
        };
    }

    getPosition(visit) {
        const order = this.orders.get(visit.order_id);
        return order && order.position;
    }

    /** Booked and working hours of a technician within the board's days. */
    getLoad(technicianId) {
        const technician = this.technicians.get(technicianId);
        const sum = (spans) => spans.reduce((total, [start, end]) => total + end - start, 0) / HOUR;
        const booked = sum(this.getVisits(technicianId).map(({ start, end }) => [start, end]));
        const all = sum(technician.hours);
        // Who can be planned at any time has no full day
        const hasHours = technician.hours.every(([start, end]) => end - start < 23 * HOUR);
        return { booked, hours: hasHours ? all : 0 };
    }
}
