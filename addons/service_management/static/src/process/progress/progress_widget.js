import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { BpmnDiagram } from "../bpmn/bpmn_diagram";
import { fitDiagram } from "../bpmn/bpmn_lib";
import { getKind } from "../bpmn/bpmn_subset";

const { DateTime } = luxon;

/**
 * Where an order stands in its workflow, on the drawing that it runs on: the way it
 * came, where it is, who has it and since when; and the same in words below.
 */
export class ProgressWidget extends Component {
    static template = "service_management.ProgressWidget";
    static components = { BpmnDiagram };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.lastLoad = new KeepLast();
        this.bpmn = null;
        this.state = useState({ data: null, labels: {}, isDrawn: false });
        onWillStart(() => this.load(this.props.record));
        onWillUpdateProps(({ record }) => {
            if (this.getKey(record) !== this.key) {
                this.load(record);
            }
        });
    }

    /** What tells that an order has moved on since it was drawn. */
    getKey({ resId, data }) {
        return [resId, data.state, data.stage_id?.id, data.workitem_count].join();
    }

    async load(record) {
        this.key = this.getKey(record);
        const data = record.resId
            ? await this.lastLoad.add(
                  this.orm.call("service.order", "get_workflow_progress", [[record.resId]])
              )
            : null;
        this.state.data = data && data.bpmn_xml ? data : null;
        if (this.bpmn && this.state.isDrawn && this.state.data) {
            this.mark();
        }
    }

    // The drawing

    onReady(bpmn) {
        this.bpmn = bpmn;
        this.state.isDrawn = false;
    }

    onImported() {
        this.mark();
        this.state.isDrawn = true;
    }

    /** Colours, pills and tooltips of the steps. */
    mark() {
        const { bpmn } = this;
        const canvas = bpmn.get("canvas");
        const elements = bpmn.get("elementRegistry");
        const overlays = bpmn.get("overlays");
        const marks = ["o_service_visited", "o_service_open", "o_service_open_late"];
        overlays.clear();
        this.translate(elements);
        const labels = {};
        elements.forEach((element) => {
            for (const mark of marks) {
                canvas.removeMarker(element, mark);
            }
            elements.getGraphics(element).removeAttribute("data-tooltip");
            labels[element.id] =
                element.businessObject.name || getKind(element.businessObject)?.label || "";
        });
        this.state.labels = labels;
        const tooltips = {};
        for (const id of this.state.data.passed || []) {
            if (elements.get(id)) {
                canvas.addMarker(id, "o_service_visited");
            }
        }
        for (const visit of this.state.data.visited) {
            if (!elements.get(visit.element_id)) {
                continue;
            }
            canvas.addMarker(visit.element_id, "o_service_visited");
            tooltips[visit.element_id] = [this.describeVisit(visit)];
            if (visit.times > 1 && !elements.get(visit.element_id).waypoints) {
                this.addPill(visit.element_id, `×${visit.times}`, "text-bg-success", {
                    top: -12,
                    left: -8,
                });
            }
        }
        for (const item of this.state.data.open) {
            if (!elements.get(item.element_id)) {
                continue;
            }
            canvas.addMarker(item.element_id, "o_service_open");
            if (item.late) {
                canvas.addMarker(item.element_id, "o_service_open_late");
            }
            tooltips[item.element_id] = [this.describeItem(item)];
            this.addPill(
                item.element_id,
                item.actor || _t("Waiting"),
                item.late ? "text-bg-danger" : "text-bg-primary",
                { bottom: -4, left: 0 }
            );
        }
        for (const [id, lines] of Object.entries(tooltips)) {
            elements.getGraphics(id).setAttribute("data-tooltip", lines.join("\n"));
        }
        this.showOpen();
    }

    /** The drawing has the words of who drew it; the reader gets the translated ones. */
    translate(elements) {
        const factory = this.bpmn.get("graphicsFactory");
        for (const [id, name] of Object.entries(this.state.data.names || {})) {
            const element = elements.get(id);
            if (!element || !name || element.businessObject.name === name) {
                continue;
            }
            element.businessObject.name = name;
            for (const shown of [element, ...(element.labels || [])]) {
                const type = shown.waypoints ? "connection" : "shape";
                factory.update(type, shown, elements.getGraphics(shown));
            }
        }
    }

    addPill(id, text, tone, position) {
        const pill = document.createElement("span");
        pill.className = `o_service_pill badge rounded-pill ${tone}`;
        pill.textContent = text;
        this.bpmn.get("overlays").add(id, "service-progress", { position, html: pill });
    }

    /** A drawing that is too small to read, as on a phone, shows where the order is. */
    showOpen() {
        const canvas = this.bpmn.get("canvas");
        fitDiagram(canvas);
        const [item] = this.state.data.open;
        const element = item && this.bpmn.get("elementRegistry").get(item.element_id);
        if (element && canvas.zoom() < 0.33) {
            canvas.zoom(0.6, {
                x: element.x + element.width / 2,
                y: element.y + element.height / 2,
            });
            canvas.scrollToElement(element, 60);
        }
    }

    show(id) {
        const element = this.bpmn?.get("elementRegistry").get(id);
        if (element) {
            this.bpmn.get("canvas").scrollToElement(element, 60);
            this.bpmn.get("selection").select(element);
        }
    }

    fit() {
        fitDiagram(this.bpmn.get("canvas"));
    }

    zoom(factor) {
        const canvas = this.bpmn.get("canvas");
        canvas.zoom(Math.min(3, Math.max(0.2, canvas.zoom() * factor)), "auto");
    }

    // In words

    getName(row) {
        return row.name || this.state.labels[row.element_id] || row.element_id;
    }

    formatTime(text) {
        return text ? toLocaleDateTimeString(deserializeDateTime(text)) : "";
    }

    describeSince(item) {
        return _t("since %(time)s (%(age)s)", {
            time: this.formatTime(item.since),
            age: deserializeDateTime(item.since).toRelative(),
        });
    }

    describeItem(item) {
        return [
            item.actor,
            _t("since %s", this.formatTime(item.since)),
            item.deadline && this.describeDeadline(item),
        ]
            .filter(Boolean)
            .join(" · ");
    }

    describeDeadline(item) {
        const time = this.formatTime(item.deadline);
        return item.late ? _t("late, was due %s", time) : _t("due %s", time);
    }

    describeVisit(visit) {
        const done = [visit.by, this.formatTime(visit.last_at)].filter(Boolean).join(", ");
        return visit.times > 1
            ? _t("%(done)s (%(times)s times)", { done, times: visit.times })
            : done;
    }

    /** The steps that the order has been through, latest first; flows are on the drawing. */
    get path() {
        const open = new Set(this.state.data.open.map((item) => item.element_id));
        const elements = this.state.isDrawn && this.bpmn.get("elementRegistry");
        return this.state.data.visited
            .filter(({ element_id: id, times }) => {
                const element = elements && elements.get(id);
                return element && !element.waypoints && !(open.has(id) && times <= 1);
            })
            .sort((a, b) => this.toTime(b.last_at) - this.toTime(a.last_at));
    }

    toTime(text) {
        return text ? deserializeDateTime(text) : DateTime.fromMillis(0);
    }

    get isAtEnd() {
        return !this.state.data.open.length;
    }
}

export const progressWidget = {
    component: ProgressWidget,
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "stage_id", type: "many2one" },
        { name: "workitem_count", type: "integer" },
    ],
};

registry.category("view_widgets").add("service_progress", progressWidget);
