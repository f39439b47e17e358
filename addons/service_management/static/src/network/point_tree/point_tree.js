import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

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

/** The network from headquarters down, with what is below each node summed up. */
export class PointTree extends Component {
    static template = "service_management.PointTree";
    static components = { Layout };
    static props = { ...standardActionServiceProps };
    static path = "service-network";
    static displayName = _t("Network Tree");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.icons = ICONS;
        this.state = useState({ rows: [], open: {}, text: "" });
        this.labels = {};
        onWillStart(() => this.load());
    }

    async load() {
        const [rows, fields] = await Promise.all([
            this.orm.call("service.point", "get_tree", []),
            this.orm.call("service.point", "fields_get", [["kind", "state"], ["selection"]]),
        ]);
        this.labels = {
            kind: Object.fromEntries(fields.kind.selection),
            state: Object.fromEntries(fields.state.selection),
        };
        this.parents = Object.fromEntries(rows.map((row) => [row.id, row.parent_id]));
        for (const row of rows) {
            this.state.open[row.id] = row.depth < OPEN_DEPTH;
        }
        this.state.rows = rows;
    }

    /** Rows whose parents are all open; while searching, what is found and its way up. */
    get shown() {
        const { rows, open } = this.state;
        const text = this.state.text.trim().toLowerCase();
        if (!text) {
            return rows.filter((row) => this.getWay(row).every((id) => open[id]));
        }
        const kept = new Set();
        for (const row of rows) {
            if (`${row.name} ${row.code}`.toLowerCase().includes(text)) {
                kept.add(row.id);
                this.getWay(row).forEach((id) => kept.add(id));
            }
        }
        return rows.filter((row) => kept.has(row.id));
    }

    getWay({ parent_id: parentId }) {
        const way = [];
        while (parentId) {
            way.push(parentId);
            parentId = this.parents[parentId];
        }
        return way;
    }

    isOpen(row) {
        return this.state.open[row.id] || Boolean(this.state.text.trim());
    }

    toggle(row) {
        this.state.open[row.id] = !this.state.open[row.id];
    }

    toggleAll(isOpen) {
        for (const row of this.state.rows) {
            this.state.open[row.id] = isOpen;
        }
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
