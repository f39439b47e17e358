import {
    Component,
    markRaw,
    onMounted,
    onWillStart,
    onWillUnmount,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { RecordSelector } from "@web/core/record_selectors/record_selector";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { BoardDrag, BoardGhost } from "./board_drag";
import { formatDay, local, STATE_LABELS } from "./board_format";
import { BoardKeys } from "./board_keys";
import { BoardLive } from "./board_live";
import { BoardStore } from "./board_store";
import { BoardDetails } from "./details/board_details";
import { HelpDialog } from "./dialogs/help_dialog";
import { ReasonDialog } from "./dialogs/reason_dialog";
import { findHours, findOpening, TimeAxis } from "./time_axis";
import { BoardMap } from "./map/board_map";
import { BoardTimeline } from "./timeline/board_timeline";
import { BoardWaiting } from "./waiting/board_waiting";

const { DateTime } = luxon;
const MODEL = "service.dispatch.board";
const STORAGE = "service_dispatch_board";
const ZOOMS = [14, 20, 28, 40, 56, 80, 112, 160, 220];
const SPANS = [1, 3, 7];
// Days are printed one by one: more than this is for the night
const MANY_SHEETS = 30;
const NO_SLOTS = [];

/** The dispatcher's page: what waits, who works when, where it is. */
export class DispatchBoard extends Component {
    static template = "service_management.DispatchBoard";
    static components = {
        BoardDetails,
        BoardGhost,
        BoardMap,
        BoardTimeline,
        BoardWaiting,
        Layout,
        RecordSelector,
    };
    static props = { ...standardActionServiceProps };
    static path = "dispatch-board";
    static displayName = _t("Dispatch Board");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.ui = useService("ui");
        this.search = useRef("search");
        this.panes = useRef("panes");
        this.store = markRaw(new BoardStore());
        this.board = markRaw(this);
        this.timeline = null;
        this.token = `${Date.now()}-${Math.random()}`;
        this.spans = SPANS;
        this.stateLabels = STATE_LABELS;
        const kept = this.readKept();
        this.state = useState({
            date: DateTime.now().toISODate(),
            days: kept.days,
            zoom: kept.zoom,
            filters: { point_id: false, type_id: false, skill_id: false, state: "" },
            text: "",
            panes: { left: kept.left, right: kept.right },
            version: 0,
            now: Date.now() / 1000,
            orderId: false,
            visitId: false,
            technicianId: false,
            proposals: false,
            details: false,
            isBusy: false,
            hasMap: false,
        });
        this.pending = markRaw(new Set());
        this.drag = new BoardDrag(this.board);
        this.keys = new BoardKeys(this.board);
        this.live = new BoardLive({
            token: this.token,
            read: (orderIds) => this.readChanges(orderIds),
            refresh: () => this.load(),
        });
        const bus = useService("bus_service");
        useExternalListener(window, "keydown", (ev) => this.keys.onWindow(ev));
        onWillStart(() => this.load());
        onMounted(() => {
            this.live.use(bus);
            // The map's library is loaded when everything else is there
            this.mapFrame = requestAnimationFrame(() => (this.state.hasMap = true));
            this.clock = setInterval(() => (this.state.now = Date.now() / 1000), 30000);
        });
        onWillUnmount(() => {
            clearInterval(this.clock);
            clearTimeout(this.textTimer);
            cancelAnimationFrame(this.mapFrame);
            this.drag.cancel();
            this.live.stop();
            this.keys.save();
        });
    }

    // What is kept for next time

    readKept() {
        // On a phone the map would push the day out of sight
        const kept = { days: 1, zoom: 5, left: true, right: !this.ui.isSmall };
        try {
            Object.assign(kept, JSON.parse(browser.localStorage.getItem(STORAGE) || "{}"));
        } catch {
            // Whatever is there, it is not ours
        }
        return kept;
    }

    keep() {
        const { days, zoom, panes } = this.state;
        browser.localStorage.setItem(STORAGE, JSON.stringify({ days, zoom, ...panes }));
    }

    // Reading

    get view() {
        return [this.state.date, this.state.days, this.getFilters()];
    }

    getFilters() {
        return Object.fromEntries(Object.entries(this.state.filters).filter(([, value]) => value));
    }

    call(method, args, isSilent = false) {
        const orm = isSilent ? this.orm.silent : this.orm;
        return orm.call(MODEL, method, args, {
            context: { tz: DateTime.now().zoneName, service_board: this.token },
        });
    }

    async load() {
        const turn = (this.turn = (this.turn || 0) + 1);
        const board = await this.call("get_board", this.view, true);
        if (turn !== this.turn) {
            return;
        }
        this.store.load(board);
        // Another branch is another part of the map, once its points are there
        this.fitKey = `point-${this.state.filters.point_id}`;
        if (!this.store.visits.has(this.state.visitId)) {
            this.state.visitId = false;
        }
        if (!this.store.orders.has(this.state.orderId)) {
            this.unselect();
        }
        this.makeAxis();
        this.changed();
    }

    async readChanges(orderIds) {
        const changes = await this.call("get_changes", [orderIds, ...this.view], true);
        this.apply(changes);
    }

    apply(changes) {
        this.store.apply(changes);
        if (this.state.visitId && !this.store.visits.has(this.state.visitId)) {
            this.state.visitId = false;
        }
        if (changes.order_ids.includes(this.state.orderId)) {
            const isShown = this.store.waiting.includes(this.state.orderId) || this.state.visitId;
            if (!isShown) {
                this.unselect();
            }
        }
        this.changed();
    }

    makeAxis() {
        const { store } = this;
        const spans = [];
        for (const technician of store.technicians.values()) {
            spans.push(...technician.hours);
        }
        this.opening = findOpening(store.days, spans, this.state.now);
        for (const visit of store.visits.values()) {
            spans.push([visit.start, visit.end]);
        }
        this.axis = markRaw(
            new TimeAxis(store.days, findHours(store.days, spans), ZOOMS[this.state.zoom])
        );
    }

    changed() {
        this.rows = markRaw(this.store.getRows(this.state.text));
        this.waiting = markRaw(this.store.getWaiting(this.state.text));
        this.state.version++;
    }

    // What is in sight

    get title() {
        const { days } = this.store;
        if (!days.length) {
            return "";
        }
        return this.state.days === 1
            ? local(days[0]).toLocaleString({
                  weekday: "long",
                  year: "numeric",
                  month: "long",
                  day: "numeric",
              })
            : `${formatDay(days[0])} – ${formatDay(days.at(-2))}`;
    }

    get order() {
        return this.store.orders.get(this.state.orderId);
    }

    get visit() {
        return this.store.visits.get(this.state.visitId) || false;
    }

    get slots() {
        const { proposals } = this.state;
        return proposals ? proposals.marks : NO_SLOTS;
    }

    get nameWidth() {
        return this.ui.isSmall ? 112 : 190;
    }

    getVisitTitle(visit) {
        const order = this.store.orders.get(visit.order_id) || {};
        return order.customer || order.name || "";
    }

    setDate(date) {
        this.state.date = date.toISODate();
        this.load();
    }

    move(direction) {
        const date = DateTime.fromISO(this.state.date);
        this.setDate(date.plus({ days: direction * this.state.days }));
    }

    toToday() {
        this.setDate(DateTime.now());
    }

    onDateInput(ev) {
        if (ev.target.value) {
            this.setDate(DateTime.fromISO(ev.target.value));
        }
    }

    setDays(days) {
        this.state.days = days;
        this.keep();
        this.load();
    }

    zoom(step) {
        const zoom = Math.min(Math.max(this.state.zoom + step, 0), ZOOMS.length - 1);
        if (zoom !== this.state.zoom) {
            const middle = this.timeline && this.axis.moment(this.timeline.middleX);
            this.state.zoom = zoom;
            this.keep();
            this.makeAxis();
            if (this.timeline) {
                this.timeline.wantedMiddle = middle;
            }
        }
    }

    openHelp() {
        this.dialog.add(HelpDialog);
    }

    togglePane(side) {
        this.state.panes[side] = !this.state.panes[side];
        this.keep();
    }

    /** Drag the edge of a pane; only a style changes while it is dragged. */
    resizePane(ev, side) {
        ev.preventDefault();
        const handle = ev.currentTarget;
        const pane = side === "left" ? handle.previousElementSibling : handle.nextElementSibling;
        const width = pane.offsetWidth;
        const onMove = ({ clientX }) => {
            const dx = side === "left" ? clientX - ev.clientX : ev.clientX - clientX;
            const size = Math.min(Math.max(width + dx, 200), 640);
            this.panes.el.style.setProperty(`--board-${side}`, `${size}px`);
        };
        handle.setPointerCapture(ev.pointerId);
        handle.addEventListener("pointermove", onMove);
        handle.addEventListener(
            "lostpointercapture",
            () => handle.removeEventListener("pointermove", onMove),
            { once: true }
        );
    }

    setFilter(name, value) {
        this.state.filters[name] = value;
        this.load();
    }

    toId(value) {
        return Number(value) || false;
    }

    onText(ev) {
        this.state.text = ev.target.value;
        clearTimeout(this.textTimer);
        this.textTimer = setTimeout(() => this.changed(), 150);
    }

    get hasFilters() {
        return Boolean(this.state.text) || Object.keys(this.getFilters()).length > 0;
    }

    clearFilters() {
        Object.assign(this.state.filters, {
            point_id: false,
            type_id: false,
            skill_id: false,
            state: "",
        });
        this.state.text = "";
        this.load();
    }

    // Selecting

    unselect() {
        Object.assign(this.state, {
            orderId: false,
            visitId: false,
            technicianId: false,
            proposals: false,
        });
    }

    selectVisit(visitId, technicianId = false) {
        const visit = this.store.visits.get(visitId);
        Object.assign(this.state, {
            visitId,
            orderId: visit.order_id,
            technicianId: technicianId || visit.technician_ids[0],
            proposals: false,
        });
        this.loadDetails(visit.order_id);
    }

    /** Telephone, fault, what is needed: read for the selected order only. */
    async loadDetails(orderId) {
        if (this.state.details && this.state.details.orderId === orderId) {
            return;
        }
        this.state.details = false;
        try {
            const details = await this.call("get_details", [orderId], true);
            if (this.state.orderId === orderId) {
                this.state.details = markRaw({ ...details, orderId });
            }
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
        }
    }

    selectTechnician(technicianId) {
        this.state.technicianId = technicianId;
        if (this.timeline) {
            this.timeline.reveal(technicianId);
        }
    }

    /** An order on the map: its visit where it has one here. */
    selectAny(orderId) {
        const visit = [...this.store.visits.values()].find((one) => one.order_id === orderId);
        if (!visit) {
            this.selectOrder(orderId);
            return;
        }
        this.selectVisit(visit.id);
        if (this.timeline) {
            this.timeline.reveal(visit.technician_ids[0], visit.start);
        }
    }

    async selectOrder(orderId) {
        if (this.state.orderId === orderId && !this.state.visitId) {
            return;
        }
        Object.assign(this.state, {
            orderId,
            visitId: false,
            technicianId: false,
            proposals: false,
        });
        this.loadDetails(orderId);
        let proposals;
        try {
            proposals = await this.call("get_proposals", [orderId], true);
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            proposals = { slots: [], obstacle: "", points: [] };
        }
        if (this.state.orderId !== orderId || this.state.visitId) {
            return;
        }
        const marks = proposals.slots.map((slot, index) => ({
            ...slot,
            index,
            title: _t("Best time %(rank)s: %(technician)s", {
                rank: index + 1,
                technician: slot.technician,
            }),
        }));
        this.state.proposals = markRaw({ ...proposals, marks });
        const [first] = marks;
        if (first && this.timeline) {
            this.timeline.reveal(first.technician_id, first.start);
        }
    }

    open(resModel, resId) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: resModel,
            res_id: resId,
            views: [[false, "form"]],
        });
    }

    /** The day on paper: of the chosen technician, else of all in sight. */
    print() {
        const { technicianId } = this.state;
        const ids = this.rows.filter((row) => row.technician).map((row) => row.technician.id);
        return this.action.doAction("service_management.action_report_service_technician_day", {
            additionalContext: {
                active_ids: technicianId ? [technicianId] : ids.slice(0, MANY_SHEETS),
                service_day: this.state.date,
            },
        });
    }

    // Doing

    /**
     * Run one operation of the board; a refusal is shown, with the way out that there
     * is. `undo` puts back what was shown too early.
     */
    async run(method, makeArgs, { undo = () => {}, visitId } = {}) {
        const attempt = async (reason) => {
            this.state.isBusy = true;
            try {
                const changes = await this.call(method, [...makeArgs(reason), this.view]);
                this.pending.delete(visitId);
                this.apply(changes);
                this.lastSaved = performance.now();
                return changes;
            } catch (error) {
                this.pending.delete(visitId);
                undo();
                this.changed();
                this.onRefused(error, attempt);
            } finally {
                this.state.isBusy = false;
            }
        };
        return attempt(null);
    }

    onRefused(error, attempt) {
        if (!(error instanceof RPCError)) {
            throw error;
        }
        const context = (error.data && error.data.context) || {};
        if (context.kind === "rules") {
            this.dialog.add(ReasonDialog, {
                messages: context.messages,
                canOverride: context.can_override,
                onConfirm: attempt,
            });
            return;
        }
        const message = (error.data && error.data.message) || error.message;
        this.notification.add(message, {
            type: context.kind === "stale" ? "warning" : "danger",
            title: context.kind === "stale" ? _t("Somebody was faster") : undefined,
        });
        if (context.kind === "stale") {
            this.load();
        }
    }

    onDrop(job, target) {
        if (job.kind === "order") {
            this.book(job.order, target);
            return;
        }
        const { visit, technicianId } = job;
        // A crew moves together; the one who was dragged is replaced
        const technicianIds = visit.technician_ids.map((id) =>
            id === technicianId ? target.technicianId : id
        );
        this.moveVisit(visit, { ...target, technicianIds });
    }

    book(order, { technicianId, technicianIds = [technicianId], start, end }) {
        return this.run("book_visit", (reason) => [
            order.id,
            technicianIds,
            start,
            end,
            reason,
        ]).then((changes) => changes && this.showBooked(changes.visit_id, start));
    }

    /** A best time may be on another day than the one in sight: the board goes there. */
    async showBooked(visitId, start) {
        if (!this.store.visits.has(visitId)) {
            this.state.date = DateTime.fromSeconds(start).toISODate();
            await this.load();
        }
        // Gone again meanwhile, or hidden by a filter
        if (this.store.visits.has(visitId)) {
            this.selectVisit(visitId);
            this.timeline.focusVisit(visitId);
        }
    }

    moveVisit(visit, { start, end, technicianIds }, expected = visit) {
        const isSame =
            start === expected.start &&
            end === expected.end &&
            technicianIds.join() === expected.technician_ids.join();
        if (isSame) {
            return;
        }
        const { technician_ids, state } = expected;
        const before = { start: expected.start, end: expected.end, technician_ids };
        this.pending.add(visit.id);
        this.store.change(visit.id, { start, end, technician_ids: technicianIds });
        this.changed();
        return this.run(
            "move_visit",
            (reason) => [
                visit.id,
                technicianIds,
                start,
                end,
                { technician_ids, start: expected.start, end: expected.end, state },
                reason,
            ],
            { visitId: visit.id, undo: () => this.undoMove(visit.id, before) }
        );
    }

    undoMove(visitId, before) {
        if (this.store.visits.has(visitId)) {
            this.store.change(visitId, before);
        }
    }

    toggleLock(visit) {
        return this.run("set_locked", () => [[visit.id], !visit.locked]);
    }

    async dispatch(order) {
        await this.runOther("service.order", "action_dispatch", order.id, order.id);
    }

    choosePoint(method, pointId) {
        const orderId = this.state.orderId;
        return this.run(method, (reason) => [orderId, pointId, reason]);
    }

    bookSlot(slot) {
        return this.book(this.order, {
            technicianIds: slot.technician_ids,
            start: slot.start,
            end: slot.end,
        });
    }

    onVisitAction(method) {
        const { visit } = this;
        if (method !== "action_cancel") {
            return this.runOther("service.visit", method, visit.id, visit.order_id);
        }
        this.dialog.add(ConfirmationDialog, {
            title: _t("Cancel Visit"),
            body: _t(
                "The customer is told, and the order waits for a new time. Cancel this visit?"
            ),
            confirmLabel: _t("Cancel Visit"),
            cancelLabel: _t("Leave It"),
            confirm: () => this.runOther("service.visit", method, visit.id, visit.order_id),
            cancel: () => {},
        });
    }

    async runOther(model, method, id, orderId) {
        this.state.isBusy = true;
        try {
            await this.orm.call(model, method, [[id]], {
                context: { service_board: this.token },
            });
            await this.readChanges([orderId]);
        } catch (error) {
            this.onRefused(error);
        } finally {
            this.state.isBusy = false;
        }
    }

    // Pointer

    onPointerdown(ev) {
        const el = ev.target.closest("[data-visit]");
        if (!el || ev.button !== 0 || ev.pointerType === "touch") {
            return;
        }
        const visit = this.store.visits.get(Number(el.dataset.visit));
        if (visit && visit.state === "planned" && !visit.locked) {
            const row = el.closest("[data-technician]");
            const grip = ev.target.dataset.grip;
            this.drag.startVisit(ev, visit, Number(row.dataset.technician), grip);
        }
    }

    onClick(ev) {
        if (Date.now() - (this.drag.endedAt || 0) < 250) {
            return;
        }
        const slot = ev.target.closest("[data-slot]");
        if (slot) {
            this.bookSlot(this.slots[Number(slot.dataset.slot)]);
            return;
        }
        const el = ev.target.closest("[data-visit]");
        if (el) {
            const row = el.closest("[data-technician]");
            this.selectVisit(Number(el.dataset.visit), Number(row.dataset.technician));
            return;
        }
        const name = ev.target.closest("[data-technician-name]");
        if (name) {
            const id = Number(name.dataset.technicianName);
            this.state.technicianId = this.state.technicianId === id ? false : id;
        }
    }

    onDblclick(ev) {
        const el = ev.target.closest("[data-visit]");
        if (el) {
            this.open("service.visit", Number(el.dataset.visit));
        }
    }
}

registry.category("actions").add("service_dispatch_board", DispatchBoard);
