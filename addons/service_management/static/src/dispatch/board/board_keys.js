import { shift, SNAP } from "./drag_math";

const DELAY = 700;

/**
 * The board by keyboard: keys of the whole page, and those of a visit that has the
 * focus (go to its neighbours, move, resize, hand on, lock, open).
 */
export class BoardKeys {
    /** @param {import("./dispatch_board").DispatchBoard} board */
    constructor(board) {
        this.board = board;
        this.pendingMove = null;
        this.onTimeline = this.onTimeline.bind(this);
    }

    onWindow(ev) {
        const { board } = this;
        const isTyping = ev.target.closest("input, textarea, select, [contenteditable]");
        if (isTyping || ev.ctrlKey || ev.metaKey || document.querySelector(".modal")) {
            return;
        }
        const actions = {
            "/": () => board.search.el.focus(),
            "?": () => board.openHelp(),
            n: () => board.timeline && board.timeline.scrollToMoment(board.state.now, "start"),
            "+": () => board.zoom(1),
            "-": () => board.zoom(-1),
            Escape: () => board.unselect(),
        };
        if (actions[ev.key] && !ev.altKey) {
            ev.preventDefault();
            actions[ev.key]();
        }
    }

    onTimeline(ev) {
        const { board } = this;
        const el = ev.target.closest("[data-visit]");
        const visit = el && board.store.visits.get(Number(el.dataset.visit));
        if (!visit || ev.ctrlKey || ev.metaKey) {
            return;
        }
        const technicianId = Number(el.closest("[data-technician]").dataset.technician);
        const handled = this.handle(ev, visit, technicianId);
        if (handled) {
            ev.preventDefault();
            ev.stopPropagation();
        }
    }

    handle(ev, visit, technicianId) {
        const { board } = this;
        const sideways = { ArrowLeft: -1, ArrowRight: 1 }[ev.key];
        const across = { ArrowUp: -1, ArrowDown: 1 }[ev.key];
        if (sideways && (ev.altKey || ev.shiftKey)) {
            this.nudge(visit, technicianId, sideways * SNAP, ev.shiftKey);
        } else if (across && ev.altKey) {
            this.passOn(visit, technicianId, across);
        } else if (sideways || across) {
            this.goTo(visit, technicianId, sideways, across);
        } else if (ev.key === "Enter") {
            board.open("service.visit", visit.id);
        } else if (ev.key === " ") {
            board.selectVisit(visit.id, technicianId);
        } else if (ev.key.toLowerCase() === "l" && visit.state === "planned") {
            board.toggleLock(visit);
        } else {
            return false;
        }
        return true;
    }

    goTo(visit, technicianId, sideways, across) {
        const { board } = this;
        let next;
        let row = technicianId;
        if (sideways) {
            const visits = board.store.getVisits(technicianId);
            next = visits[visits.indexOf(visit) + sideways];
        } else {
            const ids = board.rows.filter((one) => one.technician).map((r) => r.technician.id);
            let index = ids.indexOf(technicianId) + across;
            while (ids[index] && !board.store.getVisits(ids[index]).length) {
                index += across;
            }
            row = ids[index];
            const near = (one) => Math.abs(one.start - visit.start);
            next = row && [...board.store.getVisits(row)].sort((a, b) => near(a) - near(b))[0];
        }
        if (next) {
            board.selectVisit(next.id, row);
            board.timeline.reveal(row, next.start);
            board.timeline.focusVisit(next.id);
        }
    }

    /** Moves by key are saved when the keys rest: ten steps are one move. */
    nudge(visit, technicianId, minutes, isResize) {
        if (visit.state !== "planned" || visit.locked) {
            return;
        }
        const to = isResize
            ? { start: visit.start, end: Math.max(visit.end + minutes * 60, visit.start + 900) }
            : shift(visit, minutes);
        this.change(visit, to, visit.technician_ids, technicianId);
    }

    passOn(visit, technicianId, across) {
        const { board } = this;
        if (visit.state !== "planned" || visit.locked) {
            return;
        }
        const ids = board.rows.filter((one) => one.technician).map((row) => row.technician.id);
        const other = ids[ids.indexOf(technicianId) + across];
        if (other) {
            const crew = visit.technician_ids.map((id) => (id === technicianId ? other : id));
            this.change(visit, visit, crew, other);
        }
    }

    change(visit, { start, end }, technicianIds, technicianId) {
        const { board } = this;
        if (this.pendingMove && this.pendingMove.visitId !== visit.id) {
            this.save();
        }
        this.pendingMove = this.pendingMove || { visitId: visit.id, expected: visit };
        board.pending.add(visit.id);
        board.store.change(visit.id, { start, end, technician_ids: technicianIds });
        board.selectVisit(visit.id, technicianId);
        board.changed();
        board.timeline.reveal(technicianId, start);
        board.timeline.focusVisit(visit.id);
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.save(), DELAY);
    }

    /** Save what was moved, without waiting for more keys. */
    save() {
        const { board } = this;
        clearTimeout(this.timer);
        const move = this.pendingMove;
        this.pendingMove = null;
        const visit = move && board.store.visits.get(move.visitId);
        if (visit) {
            board.pending.delete(visit.id);
            const to = { ...visit, technicianIds: visit.technician_ids };
            board.moveVisit(visit, to, move.expected);
        }
    }
}
