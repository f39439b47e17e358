import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { RecordSelector } from "@web/core/record_selectors/record_selector";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { ServiceMap } from "../../network/service_map/service_map";

const COLORS = { white: "#c0392b", conflict: "#c77d0a", point: "#3b6ea5", suspended: "#9a9a9a" };
const KINDS = {
    priority: _t("same first priority"),
    overlap: _t("more points than allowed"),
};

/** Text of a file that spreadsheets open: every cell quoted, formulas defused. */
export function toCsv(rows) {
    const quote = (value) => {
        const text = String(value ?? "");
        const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
        return `"${safe.replaceAll('"', '""')}"`;
    };
    return `\ufeff${rows.map((row) => row.map(quote).join(",")).join("\r\n")}\r\n`;
}

/** Who covers what on a map: white spots and conflicts, as lists and drawn. */
export class CoverageMap extends Component {
    static template = "service_management.CoverageMap";
    static components = { Layout, RecordSelector, ServiceMap };
    static props = { ...standardActionServiceProps };
    static path = "coverage-map";
    static displayName = _t("Coverage Map");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.lastLoad = new KeepLast();
        this.kinds = KINDS;
        this.levels = [
            ["", _t("Areas with orders")],
            ["province", _t("All provinces")],
            ["city", _t("All cities")],
            ["district", _t("All districts")],
            ["postal", _t("All postal areas")],
        ];
        this.state = useState({
            typeId: false,
            categoryId: false,
            brandId: false,
            months: 12,
            level: "",
            overlap: 3,
            tab: "white",
            selectedId: null,
            isLoading: true,
        });
        this.view = useState({ data: null, markers: [], polygons: [], circles: [] });
        onWillStart(async () => {
            this.state.typeId = await this.orm.call("service.type", "get_usual_type_id", []);
            await this.load();
        });
    }

    async load() {
        this.state.isLoading = true;
        const { typeId, categoryId, brandId, months, level, overlap } = this.state;
        try {
            const data = await this.lastLoad.add(
                this.orm.call("service.coverage", "get_coverage_map", [], {
                    type_id: typeId,
                    category_id: categoryId,
                    brand_id: brandId,
                    months,
                    level,
                    overlap,
                })
            );
            this.view.data = data;
            this.view.polygons = data.polygons;
            this.view.circles = data.circles;
            this.view.markers = this.getMarkers(data);
        } finally {
            this.state.isLoading = false;
        }
    }

    getMarkers({ points, white, conflicts }) {
        const place = (rows, kind) =>
            rows
                .filter((row) => row.lat !== null)
                .map((row) => ({
                    id: `${kind}_${row.id}`,
                    lat: row.lat,
                    lng: row.lng,
                    kind: "order",
                    color: COLORS[kind],
                    label: row.name,
                    count: row.orders || undefined,
                }));
        return [
            ...points.map(({ id, lat, lng, label, is_open }) => ({
                id: `point_${id}`,
                lat,
                lng,
                label,
                kind: "point",
                color: is_open ? COLORS.point : COLORS.suspended,
            })),
            ...place(white, "white"),
            ...place(conflicts, "conflict"),
        ];
    }

    get fitKey() {
        return this.view.data ? "loaded" : "";
    }

    get rows() {
        return this.view.data?.[this.state.tab] || [];
    }

    get coveredText() {
        const { covered, areas } = this.view.data.counts;
        return _t("%(covered)s of %(areas)s areas are covered.", { covered, areas });
    }

    get leftOutText() {
        return _t("%s more were not looked at.", this.view.data.counts.left_out);
    }

    getOrdersText(row) {
        return _t("Orders: %s", row.orders);
    }

    getMarkerId(row) {
        return `${this.state.tab === "white" ? "white" : "conflict"}_${row.id}`;
    }

    set(name, value) {
        this.state[name] = value;
        return this.load();
    }

    setNumber(name, ev) {
        const value = Math.max(1, parseInt(ev.target.value) || 1);
        ev.target.value = value;
        return this.set(name, value);
    }

    select(row) {
        this.state.selectedId = this.getMarkerId(row);
    }

    onMarkerClick(markerId) {
        const [kind, id] = markerId.split("_");
        this.state.selectedId = markerId;
        if (kind === "point") {
            this.openRecord("service.point", Number(id));
        } else {
            this.state.tab = kind === "white" ? "white" : "conflicts";
        }
    }

    onShapeClick(id) {
        this.openRecord("service.coverage", id);
    }

    openRecord(resModel, resId) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: resModel,
            res_id: resId,
            views: [[false, "form"]],
        });
    }

    openOrders(row) {
        const domain = [["area_id", "=", row.id]];
        if (this.state.typeId) {
            domain.push(["type_id", "=", this.state.typeId]);
        }
        this.action.doAction({
            type: "ir.actions.act_window",
            name: row.name,
            res_model: "service.order",
            domain,
            views: [
                [false, "list"],
                [false, "form"],
            ],
        });
    }

    openCoverage(row) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name: row.name,
            res_model: "service.coverage",
            domain: [["id", "in", row.points.map((point) => point.coverage_id)]],
            views: [
                [false, "list"],
                [false, "form"],
            ],
        });
    }

    exportRows() {
        const { white, conflicts } = this.view.data;
        const reasons = ({ reasons }) => reasons.map((r) => `${r.text} (${r.count})`).join("; ");
        const points = (row) =>
            [
                KINDS[row.kind].toString(),
                ...row.points.map((point) => `${point.name} (${point.priority})`),
            ].join("; ");
        const rows = [
            [_t("Finding"), _t("Area"), _t("Orders"), _t("Why")],
            ...white.map((row) => [_t("White spot"), row.name, row.orders, reasons(row)]),
            ...conflicts.map((row) => [_t("Conflict"), row.name, row.orders, points(row)]),
        ];
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob([toCsv(rows)], { type: "text/csv" }));
        link.download = "coverage.csv";
        link.click();
        URL.revokeObjectURL(link.href);
    }
}

registry.category("actions").add("service_coverage_map", CoverageMap);
