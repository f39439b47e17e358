import { Component, onWillDestroy, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useBus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { BpmnDiagram } from "../bpmn/bpmn_diagram";
import { fitDiagram } from "../bpmn/bpmn_lib";
import { EMPTY_DIAGRAM } from "../bpmn/bpmn_subset";
import { PropertiesPanel } from "../properties/properties_panel";
import { Design } from "./design";
import { getDesignerModules } from "./designer_modules";

const COMMIT_DELAY = 300;

/**
 * Draws a workflow: the canvas, the properties of what is selected, the problems.
 *
 * The value is BPMN 2.0 XML in a Text field. The model answers three questions:
 * ``get_designer_options()`` (what may be chosen), ``check_drawing(xml)`` (a list of
 * ``{element_id, code, message}``) and ``prepare_drawing(text)`` (the XML of a file
 * that somebody imports, with a layout). Read-only, and on a phone, it is a viewer.
 */
export class BpmnDesignerField extends Component {
    static template = "service_management.BpmnDesignerField";
    static components = { BpmnDiagram, PropertiesPanel };
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.ui = useService("ui");
        this.root = useRef("root");
        this.fileInput = useRef("file");
        this.lastCheck = new KeepLast();
        this.design = null;
        this.state = useState({
            xml: "",
            revision: 0,
            version: 0,
            selectedId: null,
            problems: null,
            failure: "",
            hasPanel: !this.ui.isSmall,
            hasProblems: false,
            isFull: false,
            isReady: false,
        });
        this.getModules = () => (this.isEditable ? getDesignerModules() : []);
        onWillStart(async () => {
            this.options = await this.orm.call(this.resModel, "get_designer_options", []);
        });
        // What the record held when last looked at, and what was put into it and not
        // seen there yet: anything else came from outside and is drawn anew.
        this.seenXml = null;
        this.sentXmls = [];
        this.committing = Promise.resolve();
        useRecordObserver((record) => {
            const xml = record.data[this.props.name] || EMPTY_DIAGRAM;
            if (xml === this.seenXml) {
                return;
            }
            this.seenXml = xml;
            const place = this.sentXmls.indexOf(xml);
            if (place >= 0) {
                this.sentXmls.splice(0, place + 1);
            } else {
                this.sentXmls = [];
                this.draw(xml);
            }
        });
        this.commitSoon = useDebounced(() => this.commit(), COMMIT_DELAY);
        const { bus } = this.props.record.model;
        useBus(bus, "NEED_LOCAL_CHANGES", ({ detail }) => detail.proms.push(this.commit()));
        useBus(bus, "WILL_SAVE_URGENTLY", () => this.commit());
        useEffect(
            (isFull) => {
                document.body.classList.toggle("o_service_designer_open", isFull);
                if (this.design) {
                    this.fit();
                }
            },
            () => [this.state.isFull]
        );
        onWillDestroy(() => document.body.classList.remove("o_service_designer_open"));
    }

    get resModel() {
        return this.props.record.resModel;
    }

    get resIds() {
        const { resId } = this.props.record;
        return resId ? [resId] : [];
    }

    get isEditable() {
        return !this.props.readonly && !this.ui.isSmall;
    }

    // The drawing

    draw(xml) {
        this.isDirty = false;
        this.state.xml = xml;
        this.state.revision++;
    }

    onReady(bpmn) {
        this.isDirty = false;
        this.state.isReady = false;
        this.design = new Design(bpmn, { editable: this.isEditable });
        this.design.addEventListener("selected", () => {
            this.state.selectedId = this.design.selectedId;
            if (this.state.selectedId && !this.ui.isSmall) {
                this.state.hasPanel = true;
            }
        });
        this.design.addEventListener("changed", () => {
            this.state.version++;
            this.isDirty = true;
            this.props.record.model.bus.trigger("FIELD_IS_DIRTY", true);
            this.commitSoon();
        });
    }

    onImported() {
        this.state.failure = "";
        this.state.isReady = true;
        this.state.selectedId = null;
        this.state.version++;
        this.check(this.state.xml);
    }

    onFailed(error) {
        this.state.isReady = false;
        this.state.failure = error.message || `${error}`;
    }

    /** Put the drawing into the record, one after the other. */
    commit() {
        this.committing = this.committing.then(() => this.commitNow());
        return this.committing;
    }

    async commitNow() {
        if (!this.isDirty || !this.design) {
            return;
        }
        this.isDirty = false;
        const xml = await this.design.getXml();
        await this.send(xml);
        this.props.record.model.bus.trigger("FIELD_IS_DIRTY", false);
        this.check(xml);
    }

    send(xml) {
        this.sentXmls.push(xml);
        return this.props.record.update({ [this.props.name]: xml });
    }

    // Problems

    async check(xml) {
        if (this.props.readonly) {
            this.state.problems = [];
            return;
        }
        this.state.problems = await this.lastCheck.add(
            this.orm.silent.call(this.resModel, "check_drawing", [this.resIds, xml])
        );
        this.markProblems();
    }

    markProblems() {
        if (!this.design) {
            return;
        }
        const { canvas, elements, bpmn } = this.design;
        const overlays = bpmn.get("overlays");
        overlays.remove({ type: "service-problem" });
        for (const element of elements.filter((e) => canvas.hasMarker(e, "o_service_wrong"))) {
            canvas.removeMarker(element, "o_service_wrong");
        }
        const messages = {};
        for (const { element_id: id, message } of this.state.problems) {
            if (elements.get(id)) {
                (messages[id] ??= []).push(message);
            }
        }
        for (const [id, lines] of Object.entries(messages)) {
            canvas.addMarker(id, "o_service_wrong");
            if (!this.design.isFlow(id)) {
                overlays.add(id, "service-problem", {
                    position: { top: -12, right: 12 },
                    html: this.makeBadge(lines.join("\n")),
                });
            }
        }
    }

    makeBadge(text) {
        const badge = document.createElement("span");
        badge.className = "o_service_wrong_badge";
        badge.textContent = "!";
        badge.title = text;
        return badge;
    }

    get problems() {
        return this.state.problems || [];
    }

    get problemSummary() {
        const count = this.problems.length;
        if (!count) {
            return _t("No problems");
        }
        return count === 1 ? _t("1 problem") : _t("%s problems", count);
    }

    getPlace(problem) {
        const id = problem.element_id;
        return id && this.design?.getElement(id) ? this.design.getLabel(id) : "";
    }

    jump(problem) {
        this.design.select(problem.element_id);
    }

    // Tools

    undo() {
        this.design.undo();
    }

    redo() {
        this.design.redo();
    }

    zoomIn() {
        this.design.zoom(1.2);
    }

    zoomOut() {
        this.design.zoom(1 / 1.2);
    }

    fit() {
        this.design.bpmn.get("canvas").resized();
        fitDiagram(this.design.canvas);
    }

    togglePanel() {
        this.state.hasPanel = !this.state.hasPanel;
    }

    toggleProblems() {
        this.state.hasProblems = !this.state.hasProblems;
    }

    toggleFull() {
        this.state.isFull = !this.state.isFull;
    }

    get fullLabel() {
        return _t("Full Screen");
    }

    get exitLabel() {
        return _t("Leave Full Screen");
    }

    onKeydown(ev) {
        if (ev.key === "Escape" && this.state.isFull && !ev.defaultPrevented) {
            this.state.isFull = false;
        }
    }

    // Files

    get fileName() {
        const name = this.props.record.data.display_name || _t("workflow");
        return `${name}`.replace(/[^\p{L}\p{N}._-]+/gu, "_");
    }

    async exportFile() {
        const xml = this.isEditable ? await this.design.getXml() : await this.readXml();
        this.download(xml, "application/xml", "bpmn");
    }

    /** What is kept, not what is shown: that has the words of the user's language. */
    async readXml() {
        const [version] = await this.orm.read(this.resModel, this.resIds, ["bpmn_xml"]);
        return version.bpmn_xml;
    }

    async exportPicture() {
        const { svg } = await this.design.bpmn.saveSVG();
        this.download(svg, "image/svg+xml", "svg");
    }

    download(text, type, extension) {
        const url = URL.createObjectURL(new Blob([text], { type }));
        const link = document.createElement("a");
        link.href = url;
        link.download = `${this.fileName}.${extension}`;
        link.click();
        URL.revokeObjectURL(url);
    }

    chooseFile() {
        this.fileInput.el.click();
    }

    async importFile(ev) {
        const [file] = ev.target.files;
        if (!file) {
            return;
        }
        const text = await file.text();
        ev.target.value = "";
        const xml = await this.orm.call(this.resModel, "prepare_drawing", [text]);
        this.draw(xml);
        this.state.hasProblems = true;
        await this.send(xml);
        this.notification.add(
            _t("%s is on the canvas. It replaces the drawing when you save.", file.name),
            { type: "info" }
        );
    }
}

export const bpmnDesignerField = {
    component: BpmnDesignerField,
    displayName: _t("Workflow Designer"),
    supportedTypes: ["text"],
};

registry.category("fields").add("bpmn_designer", bpmnDesignerField);
