import { Component, reactive, useState } from "@odoo/owl";
import { formatSpan } from "./board_format";
import { edgeScroll, moveTo, resizeTo } from "./drag_math";
import { MINUTE } from "./time_axis";

const THRESHOLD = 4;

/**
 * Dragging with the pointer: a visit (by its middle or an end) or a waiting order.
 *
 * Only the ghost is drawn while something is dragged; where it is dropped is told to
 * the board once.
 */
export class BoardDrag {
    /** @param {import("./dispatch_board").DispatchBoard} board */
    constructor(board) {
        this.board = board;
        this.ghost = reactive({ isShown: false });
        this.onMove = this.onMove.bind(this);
        this.onUp = this.onUp.bind(this);
        this.onKey = this.onKey.bind(this);
    }

    /** Begin with a visit under the pointer; nothing happens before it moves. */
    startVisit(ev, visit, technicianId, grip) {
        const { timeline } = this.board;
        const place = timeline.locate(ev.clientX, ev.clientY);
        this._start(ev, {
            kind: grip || "move",
            visit,
            technicianId,
            grip: timeline.props.axis.moment(place.x) - visit.start,
            length: visit.end - visit.start,
            label: this.board.getVisitTitle(visit),
            tone: visit.state,
        });
    }

    startOrder(ev, order) {
        this._start(ev, {
            kind: "order",
            order,
            grip: 0,
            length: order.minutes * MINUTE,
            label: order.customer || order.name,
            tone: "waiting",
        });
    }

    _start(ev, job) {
        this.cancel();
        this.job = { ...job, x: ev.clientX, y: ev.clientY, isMoving: false };
        window.addEventListener("pointermove", this.onMove);
        window.addEventListener("pointerup", this.onUp);
        window.addEventListener("pointercancel", this.onUp);
        window.addEventListener("keydown", this.onKey, true);
    }

    onMove(ev) {
        const { job } = this;
        job.clientX = ev.clientX;
        job.clientY = ev.clientY;
        if (
            !job.isMoving &&
            Math.abs(ev.clientX - job.x) + Math.abs(ev.clientY - job.y) < THRESHOLD
        ) {
            return;
        }
        if (!job.isMoving) {
            job.isMoving = true;
            document.body.classList.add("o_board_dragging");
            this._scrollAtEdges();
        }
        ev.preventDefault();
        this._aim();
    }

    /** Where the visit would go now; drawn by the ghost. */
    _aim() {
        const { job, board } = this;
        const { timeline } = board;
        const { axis } = timeline.props;
        const place = timeline.locate(job.clientX, job.clientY);
        job.target = null;
        if (!place.isInside && job.kind !== "start" && job.kind !== "end") {
            Object.assign(this.ghost, {
                isShown: true,
                isChip: true,
                left: job.clientX,
                top: job.clientY,
                label: job.label,
                time: "",
                tone: job.tone,
            });
            return;
        }
        let times;
        let technicianId = place.technician ? place.technician.id : job.technicianId;
        if (job.kind === "start" || job.kind === "end") {
            technicianId = job.technicianId;
            times = resizeTo(axis, place.x, job.visit, job.kind);
        } else {
            times = moveTo(axis, place.x, job.grip, job.length);
        }
        if (!technicianId) {
            return;
        }
        job.target = { technicianId, ...times };
        Object.assign(this.ghost, {
            isShown: true,
            isChip: false,
            ...timeline.geometry(technicianId, times.start, times.end),
            label: job.label,
            time: formatSpan(times),
            tone: job.tone,
        });
    }

    _scrollAtEdges() {
        const step = () => {
            const { job, board } = this;
            if (!job || !board.timeline) {
                return;
            }
            const el = board.timeline.scroller.el;
            const box = el.getBoundingClientRect();
            const left = box.left + board.timeline.props.nameWidth;
            if (job.clientX > box.left && job.clientX < box.right + 40) {
                const dx = edgeScroll(job.clientX, left, box.right);
                const dy = edgeScroll(job.clientY, box.top + board.timeline.headHeight, box.bottom);
                if (dx || dy) {
                    el.scrollLeft += dx;
                    el.scrollTop += dy;
                    this._aim();
                }
            }
            this.frame = requestAnimationFrame(step);
        };
        this.frame = requestAnimationFrame(step);
    }

    onUp(ev) {
        const { job } = this;
        this.cancel();
        if (!job.isMoving || ev.type === "pointercancel") {
            return;
        }
        this.endedAt = Date.now();
        if (job.target) {
            this.board.onDrop(job, job.target);
        }
    }

    onKey(ev) {
        if (ev.key === "Escape") {
            ev.stopPropagation();
            ev.preventDefault();
            this.cancel();
        }
    }

    cancel() {
        window.removeEventListener("pointermove", this.onMove);
        window.removeEventListener("pointerup", this.onUp);
        window.removeEventListener("pointercancel", this.onUp);
        window.removeEventListener("keydown", this.onKey, true);
        cancelAnimationFrame(this.frame);
        document.body.classList.remove("o_board_dragging");
        this.job = null;
        this.ghost.isShown = false;
    }
}

/** What is dragged, where it would be. */
export class BoardGhost extends Component {
    static template = "service_management.BoardGhost";
    static props = { ghost: Object, isChip: Boolean };

    setup() {
        this.ghost = useState(this.props.ghost);
    }

    get isShown() {
        return this.ghost.isShown && Boolean(this.ghost.isChip) === this.props.isChip;
    }

    get style() {
        const { left, top, width, height } = this.ghost;
        return this.props.isChip
            ? `left:${left + 10}px;top:${top + 8}px`
            : `left:${left}px;top:${top - 46}px;width:${width}px;height:${height}px`;
    }
}
