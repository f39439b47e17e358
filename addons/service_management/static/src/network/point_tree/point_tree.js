import { Component, onPatched, onWillStart, onWillUnmount, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { MovePointDialog } from "./move_dialog";
import { useRowDrag } from "./tree_drag";

const ICONS = {
    hq: "fa-university",
    branch: "fa-sitemap",
    centre: "fa-building-o",
    point: "fa-map-marker",
    agent: "fa-handshake-o",
    training: "fa-graduation-cap",
};
const FINISHED = ["done", "closed", "cancelled"];
// So many levels are open at first
const OPEN_DEPTH = 2;
// A closed row over which something is held so many milliseconds opens
const OPEN_AFTER = 700;

/**
 * The network from headquarters down, with what is below each node summed up.
 *
 * Keyboard, as in every tree grid: up and down between the rows, right opens or goes to
 * the first below, left closes or goes to the one above, Home, End, Enter opens the form.
 * Who may change service points drags one onto another to hang it below that one, or
 * presses M (or the button) and chooses.
 */
export class PointTree extends Component {
    static template = "service_management.PointTree";
    static components = { Layout };
    static props = { ...standardActionServiceProps };
    static path = "service-network";
    static displayName = _t("Network Tree");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.icons = ICONS;
        this.state = useState({
            rows: [],
            open: {},
            text: "",
            kind: "",
            state: "",
            current: false,
        });
        // What is dragged and over what: its own state, it changes with every pixel
        this.drag = useState({ row: false, targetId: false, isRefused: false, x: 0, y: 0 });
        this.table = useRef("table");
        this.body = useRef("body");
        this.top = useRef("top");
        this.labels = {};
        useRowDrag({
            ref: this.body,
            elements: "tr[data-id]",
            ignore: "button, input, [data-measure]",
            enable: () => this.canMove,
            edgeScrolling: { speed: 15, threshold: 60 },
            onDragStart: ({ element, x, y }) => {
                const row = this.getRow(Number(element.dataset.id));
                Object.assign(this.drag, { row, targetId: false, x, y });
            },
            onDrag: ({ x, y }) => this.onDrag(x, y),
            onDrop: () => this.onDrop(),
            onDragEnd: () => {
                clearTimeout(this.opening);
                this.drag.row = false;
            },
        });
        onWillStart(async () => {
            this.canMove = await user.checkAccessRight("service.point", "write");
            const fields = await this.orm.call("service.point", "fields_get", [
                ["kind", "state"],
                ["selection"],
            ]);
            this.labels = {
                kind: Object.fromEntries(fields.kind.selection),
                state: Object.fromEntries(fields.state.selection),
            };
            await this.load();
        });
        onPatched(() => {
            const row = this.wantedFocus && this.getShown(this.wantedFocus);
            if (row) {
                this.wantedFocus = false;
                this.goTo(row);
            }
        });
        onWillUnmount(() => clearTimeout(this.opening));
    }

    async load() {
        const rows = await this.orm.call("service.point", "get_tree", []);
        this.parents = Object.fromEntries(rows.map((row) => [row.id, row.parent_id]));
        for (const row of rows) {
            // Read again after a move: what was open stays open
            this.state.open[row.id] ??= row.depth < OPEN_DEPTH;
        }
        this.state.rows = rows;
    }

    get isFiltered() {
        const { text, kind, state } = this.state;
        return Boolean(text.trim() || kind || state);
    }

    /** Rows whose parents are all open; while filtering, what is found and its way up. */
    get shown() {
        const { rows, open, kind, state } = this.state;
        if (!this.isFiltered) {
            return rows.filter((row) => this.getWay(row).every((id) => open[id]));
        }
        const text = this.state.text.trim().toLowerCase();
        const kept = new Set();
        for (const row of rows) {
            if (
                (!kind || row.kind === kind) &&
                (!state || row.state === state) &&
                `${row.name} ${row.code}`.toLowerCase().includes(text)
            ) {
                kept.add(row.id);
                this.getWay(row).forEach((id) => kept.add(id));
            }
        }
        return rows.filter((row) => kept.has(row.id));
    }

    /** The row that the keyboard is on: one of those shown. */
    get currentId() {
        const { shown } = this;
        const current = shown.find((row) => row.id === this.state.current) || shown[0];
        return current ? current.id : false;
    }

    /** Kinds or states that occur in the network, to filter by. */
    getOptions(name) {
        const used = new Set(this.state.rows.map((row) => row[name]));
        return Object.entries(this.labels[name]).filter(([value]) => used.has(value));
    }

    getWay({ parent_id: parentId }) {
        const way = [];
        while (parentId) {
            way.push(parentId);
            parentId = this.parents[parentId];
        }
        return way;
    }

    getRow(id) {
        return this.state.rows.find((row) => row.id === id);
    }

    getShown(id) {
        return this.shown.find((row) => row.id === id);
    }

    /** Whether one row is another or lies above it. */
    isWithin(row, id) {
        return row.id === id || this.getWay(row).includes(id);
    }

    isOpen(row) {
        return this.state.open[row.id] || this.isFiltered;
    }

    toggle(row) {
        this.state.open[row.id] = !this.state.open[row.id];
    }

    toggleAll(isOpen) {
        for (const row of this.state.rows) {
            this.state.open[row.id] = isOpen;
        }
    }

    onKeydown(ev, row) {
        if (ev.target !== ev.currentTarget || ev.ctrlKey || ev.altKey || ev.metaKey) {
            return;
        }
        const { shown } = this;
        const index = shown.indexOf(row);
        const isParent = Boolean(row.points);
        const steps = {
            ArrowDown: () => this.goTo(shown[index + 1]),
            ArrowUp: () => this.goTo(shown[index - 1]),
            Home: () => this.goTo(shown[0]),
            End: () => this.goTo(shown.at(-1)),
            ArrowRight: () =>
                isParent && (this.isOpen(row) ? this.goTo(shown[index + 1]) : this.toggle(row)),
            ArrowLeft: () =>
                isParent && this.isOpen(row) && !this.isFiltered
                    ? this.toggle(row)
                    : this.goTo(shown.find((one) => one.id === row.parent_id)),
            Enter: () => this.openPoint(row),
            m: () => this.canMove && this.askMove(row),
        };
        if (steps[ev.key]) {
            ev.preventDefault();
            steps[ev.key]();
        }
    }

    goTo(row) {
        if (row) {
            this.state.current = row.id;
            this.table.el.querySelector(`tr[data-id="${row.id}"]`).focus();
        }
    }

    // Moving

    onDrag(x, y) {
        const { drag } = this;
        const top = this.top.el && this.top.el.getBoundingClientRect();
        let targetId = false;
        if (top && y >= top.top && y <= top.bottom) {
            targetId = "top";
        } else {
            const el = [...this.body.el.querySelectorAll("tr[data-id]")].find((one) => {
                const box = one.getBoundingClientRect();
                return y >= box.top && y < box.bottom;
            });
            targetId = el ? Number(el.dataset.id) : false;
        }
        if (targetId !== drag.targetId) {
            const target = this.getRow(targetId);
            drag.isRefused = Boolean(target) && this.isWithin(target, drag.row.id);
            drag.targetId = targetId;
            clearTimeout(this.opening);
            if (target && target.points && !this.isOpen(target) && !drag.isRefused) {
                this.opening = setTimeout(() => this.toggle(target), OPEN_AFTER);
            }
        }
        Object.assign(drag, { x, y });
    }

    onDrop() {
        const { row, targetId, isRefused } = this.drag;
        if (!targetId || targetId === row.id) {
            return;
        }
        if (isRefused) {
            this.notification.add(
                _t("%(point)s cannot belong to %(parent)s, which is below it.", {
                    point: row.name,
                    parent: this.getRow(targetId).name,
                }),
                { type: "danger" }
            );
            return;
        }
        const parentId = targetId === "top" ? false : targetId;
        if (parentId !== row.parent_id) {
            this.askMove(row, parentId);
        }
    }

    getMoveLabel(row) {
        return _t("Move %s", row.name);
    }

    askMove(row, parentId = row.parent_id) {
        this.dialog.add(
            MovePointDialog,
            { row, parentId, onConfirm: (chosenId) => this.move(row, chosenId) },
            { onClose: () => this.goTo(this.getShown(row.id)) }
        );
    }

    async move(row, parentId) {
        try {
            await this.orm.call("service.point", "move_below", [[row.id], parentId, row.parent_id]);
        } finally {
            // Refused because somebody else moved it: show where it is
            await this.load();
        }
        this.getWay(this.getRow(row.id)).forEach((id) => (this.state.open[id] = true));
        // Its line is drawn elsewhere: the keyboard goes with it
        this.wantedFocus = row.id;
    }

    openPoints() {
        this.action.doAction("service_management.action_service_point");
    }

    openPoint(row) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "service.point",
            res_id: row.id,
            views: [[false, "form"]],
        });
    }

    openBelow(row, measure) {
        const below = ["point_id", "child_of", row.id];
        const lists = {
            points: {
                name: _t("Points below %s", row.name),
                res_model: "service.point",
                domain: [
                    ["id", "child_of", row.id],
                    ["id", "!=", row.id],
                ],
            },
            technicians: {
                name: _t("Technicians of %s", row.name),
                res_model: "service.technician",
                domain: [below],
            },
            orders: {
                name: _t("Open orders of %s", row.name),
                res_model: "service.order",
                domain: [below, ["state", "not in", FINISHED]],
            },
        };
        this.action.doAction({
            type: "ir.actions.act_window",
            views: [
                [false, "list"],
                [false, "form"],
            ],
            ...lists[measure],
        });
    }
}

registry.category("actions").add("service_point_tree", PointTree);
