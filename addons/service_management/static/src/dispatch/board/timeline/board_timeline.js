import {
    Component,
    onMounted,
    onPatched,
    onWillUnmount,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";
import { formatDay, formatHour } from "../board_format";
import { RowWindow, steppedRange } from "../row_window";
import { BoardRow } from "./board_row";

const ROW_HEIGHT = 46;
const GROUP_HEIGHT = 28;
const STEP = 480;
const NO_SLOTS = [];

/** Technicians × time. Only the rows and the hours in sight are in the page. */
export class BoardTimeline extends Component {
    static template = "service_management.BoardTimeline";
    static components = { BoardRow };
    static props = {
        board: Object,
        rows: Array,
        axis: Object,
        version: Number,
        selection: Object,
        bestTimes: Array,
        now: Number,
        nameWidth: Number,
        pending: Object,
        pendingVersion: Number,
        onKeydown: Function,
        slots: { type: Object, optional: true },
    };

    setup() {
        this.scroller = useRef("scroller");
        this.view = useState({ first: 0, end: 0, from: 0, to: 0 });
        this.rowWindow = new RowWindow([]);
        this.shownDay = null;
        this.wantedFocus = null;
        this.groupHeight = GROUP_HEIGHT;
        useEffect(
            () => this.onRows(),
            () => [this.props.rows, this.props.axis]
        );
        const observer = new ResizeObserver(() => this.look());
        onMounted(() => {
            this.props.board.timeline = this;
            observer.observe(this.scroller.el);
        });
        onWillUnmount(() => {
            observer.disconnect();
            cancelAnimationFrame(this.frame);
            this.props.board.timeline = null;
        });
        onPatched(() => this.focusWanted());
    }

    onRows() {
        this.rowWindow = new RowWindow(
            this.props.rows.map((row) => (row.technician ? ROW_HEIGHT : GROUP_HEIGHT))
        );
        const { days } = this.props.board.store;
        if (this.shownDay !== days[0] && this.props.rows.length) {
            this.shownDay = days[0];
            this.scrollToMoment(this.props.board.opening, "start");
        }
        if (this.wantedMiddle) {
            // Zooming keeps what is in the middle there
            const width = this.scroller.el.clientWidth - this.props.nameWidth;
            this.scroller.el.scrollLeft = this.props.axis.x(this.wantedMiddle) - width / 2;
            this.wantedMiddle = null;
        }
        this.look(true);
    }

    onScroll() {
        if (!this.frame) {
            this.frame = requestAnimationFrame(() => {
                this.frame = null;
                this.look();
            });
        }
    }

    /** See which rows and hours are in sight, and draw if there are others. */
    look(isAnew = false) {
        const el = this.scroller.el;
        if (!el) {
            return;
        }
        const [first, end] = this.rowWindow.range(el.scrollTop, el.clientHeight, 3);
        const [from, to] = steppedRange(
            el.scrollLeft,
            el.clientWidth - this.props.nameWidth,
            STEP,
            this.props.axis.width
        );
        const { view } = this;
        if (
            isAnew ||
            first < view.first ||
            end > view.end ||
            Math.abs(first - view.first) > 8 ||
            from !== view.from ||
            to !== view.to
        ) {
            // A few more rows than asked for, so that scrolling on draws nothing
            const last = Math.min(end + 5, this.rowWindow.count);
            Object.assign(view, { first: Math.max(first - 5, 0), end: last, from, to });
            view.count = (view.count || 0) + (isAnew ? 1 : 0);
        }
    }

    get shownRows() {
        const { rows, selection, bestTimes } = this.props;
        const shown = [];
        const end = Math.min(this.view.end, rows.length, this.rowWindow.count);
        for (let index = this.view.first; index < end; index++) {
            const row = rows[index];
            const id = row.technician && row.technician.id;
            const own = id
                ? bestTimes.filter((slot) => slot.technician_ids.includes(id))
                : NO_SLOTS;
            const visits = id ? this.props.board.store.getVisits(id) : NO_SLOTS;
            const has = (visitId) => visits.some((visit) => visit.id === visitId);
            shown.push({
                ...row,
                index,
                row,
                top: this.rowWindow.top(index),
                height: row.technician ? ROW_HEIGHT : GROUP_HEIGHT,
                visits,
                bestTimes: own.length ? own : NO_SLOTS,
                selectedId: has(selection.visitId) ? selection.visitId : false,
                focusId: has(this.focusId) ? this.focusId : false,
                isMarked: Boolean(id) && id === selection.technicianId,
            });
        }
        return shown;
    }

    /** The one visit that Tab comes to: the selected one, else the first in sight. */
    get focusId() {
        const { selection, rows, board } = this.props;
        if (selection.visitId && board.store.visits.has(selection.visitId)) {
            return selection.visitId;
        }
        for (let index = this.view.first; index < Math.min(this.view.end, rows.length); index++) {
            const technician = rows[index].technician;
            const visit = technician && board.store.getVisits(technician.id)[0];
            if (visit) {
                return visit.id;
            }
        }
        return false;
    }

    get ticks() {
        const { axis } = this.props;
        const hourWidth = axis.scale * 3600;
        const step = hourWidth >= 44 ? 1 : hourWidth >= 22 ? 2 : hourWidth >= 11 ? 4 : 6;
        return axis
            .ticks(this.view.from, this.view.to, step)
            .map((tick) => ({ ...tick, label: formatHour(tick.moment) }));
    }

    get dayHeads() {
        const { axis } = this.props;
        return axis.stretches
            .map(({ day, start, end, x }) => ({
                day,
                x,
                width: (end - start) * axis.scale,
                label: formatDay(start),
                isToday: day <= this.props.now && this.props.now < day + 86400,
            }))
            .filter(({ x, width }) => x + width >= this.view.from && x <= this.view.to);
    }

    get nowX() {
        const { axis, now } = this.props;
        return axis.shows(now) ? axis.x(now) + this.props.nameWidth : -1;
    }

    // Where things are, for dragging

    /** What is under a point of the window: pixel on the axis and technician. */
    locate(clientX, clientY) {
        const el = this.scroller.el;
        const box = el.getBoundingClientRect();
        const isInside =
            clientX >= box.left + this.props.nameWidth &&
            clientX <= box.right &&
            clientY >= box.top + this.headHeight &&
            clientY <= box.bottom;
        const x = clientX - box.left + el.scrollLeft - this.props.nameWidth;
        const y = clientY - box.top + el.scrollTop - this.headHeight;
        const index = this.rowWindow.at(y);
        const row = this.props.rows[index];
        return { isInside, x, y, index, technician: row && row.technician };
    }

    get headHeight() {
        return 46;
    }

    rowOf(technicianId) {
        return this.props.rows.findIndex(
            (row) => row.technician && row.technician.id === technicianId
        );
    }

    geometry(technicianId, start, end) {
        const index = this.rowOf(technicianId);
        const { x, width } = this.props.axis.span(start, end);
        return {
            left: x + this.props.nameWidth,
            width: Math.max(width, 4),
            top: this.rowWindow.top(index) + this.headHeight,
            height: ROW_HEIGHT,
        };
    }

    // Looking around

    scrollToMoment(moment, block = "nearest") {
        const el = this.scroller.el;
        const x = this.props.axis.x(moment);
        const width = el.clientWidth - this.props.nameWidth;
        if (block === "start") {
            el.scrollLeft = Math.max(x - width / 8, 0);
        } else if (x < el.scrollLeft || x > el.scrollLeft + width - 80) {
            el.scrollLeft = Math.max(x - width / 3, 0);
        }
    }

    /** The pixel of the axis in the middle of what is in sight. */
    get middleX() {
        const el = this.scroller.el;
        return el.scrollLeft + (el.clientWidth - this.props.nameWidth) / 2;
    }

    reveal(technicianId, moment) {
        const el = this.scroller.el;
        const index = this.rowOf(technicianId);
        if (index >= 0) {
            const top = this.rowWindow.top(index);
            const height = el.clientHeight - this.headHeight;
            if (top < el.scrollTop || top + ROW_HEIGHT > el.scrollTop + height) {
                el.scrollTop = Math.max(top - height / 3, 0);
            }
        }
        if (moment) {
            this.scrollToMoment(moment);
        }
        this.look();
    }

    focusVisit(visitId) {
        this.wantedFocus = visitId;
        this.focusWanted();
    }

    focusWanted() {
        if (!this.wantedFocus || !this.scroller.el) {
            return;
        }
        const el = this.scroller.el.querySelector(`[data-visit="${this.wantedFocus}"]`);
        if (el) {
            this.wantedFocus = null;
            el.focus({ preventScroll: true });
        }
    }
}
