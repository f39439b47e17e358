import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { getKinds, getReplacements } from "../bpmn/bpmn_subset";
import { Design } from "../designer/design";
import { FlowProperties } from "./flow_properties";
import { NodeProperties } from "./node_properties";
import { PropertyRow } from "./property_row";

/**
 * Beside the drawing: the properties of what is selected, or else all steps in
 * order. Everything that a mouse does on the canvas can be done here by keyboard:
 * go to a step, append, connect, change, remove.
 */
export class PropertiesPanel extends Component {
    static template = "service_management.PropertiesPanel";
    static components = { FlowProperties, NodeProperties, PropertyRow };
    static props = {
        design: Design,
        selectedId: { type: [String, { value: null }] },
        options: Object,
        problems: Array,
        readonly: Boolean,
        // Changes with the drawing: the design itself is always the same object.
        version: Number,
    };

    get design() {
        return this.props.design;
    }

    /** What the panel is about: a node, a flow, something foreign, or the process. */
    get subject() {
        const id = this.props.selectedId;
        if (!id || !this.design.getElement(id)) {
            return "process";
        }
        if (this.design.isFlow(id)) {
            return "flow";
        }
        if (!this.design.isNode(id)) {
            return this.design.getElement(id).parent?.parent ? "foreign" : "process";
        }
        return this.design.getKind(id) ? "node" : "foreign";
    }

    get title() {
        const id = this.props.selectedId;
        switch (this.subject) {
            case "node":
                return this.design.getKind(id).label;
            case "flow":
                return _t("Flow");
            case "foreign":
                return _t("Not Supported");
            default:
                return _t("Steps of the Workflow");
        }
    }

    get icon() {
        const id = this.props.selectedId;
        return {
            node: this.subject === "node" && this.design.getKind(id).icon,
            flow: "bpmn-icon-connection",
            foreign: "fa fa-ban",
            process: "fa fa-list-ol",
        }[this.subject];
    }

    get nameLabel() {
        return this.subject === "flow" ? _t("Button or Label") : _t("Name");
    }

    get foreignText() {
        const { $type } = this.design.getObject(this.props.selectedId);
        return _t(
            "%s is not among the elements that a workflow may have. Remove it or put another one in its place.",
            $type.replace("bpmn:", "")
        );
    }

    get steps() {
        const wrong = new Set(this.props.problems.map((problem) => problem.element_id));
        return this.design.getNodeIds().map((id) => ({
            id,
            label: this.design.getLabel(id),
            icon: this.design.getKind(id)?.icon || "fa fa-ban",
            isWrong:
                wrong.has(id) || this.design.getOutgoing(id).some((flow) => wrong.has(flow.id)),
        }));
    }

    get ownProblems() {
        return this.props.problems.filter(
            (problem) => problem.element_id && problem.element_id === this.props.selectedId
        );
    }

    get ways() {
        return this.design.getOutgoing(this.props.selectedId).map((flow) => ({
            id: flow.id,
            name: flow.businessObject.name || "",
            target: this.design.getLabel(flow.target.id),
            isDefault: this.design.isDefault(flow.id),
            isGuarded: Boolean(this.design.getCondition(flow.id)),
        }));
    }

    get canGoOn() {
        const kind = this.design.getKind(this.props.selectedId);
        return Boolean(kind) && !["end", "terminate"].includes(kind.id);
    }

    get appendable() {
        const isTask = this.design.getObject(this.props.selectedId).$instanceOf("bpmn:Activity");
        return getKinds().filter(
            ({ id, group }) => id !== "start" && (isTask || group !== "boundary")
        );
    }

    get connectable() {
        const id = this.props.selectedId;
        const linked = new Set(this.design.getOutgoing(id).map((flow) => flow.target.id));
        return this.design
            .getNodeIds()
            .filter((other) => !linked.has(other) && this.design.canConnect(id, other))
            .map((other) => ({ id: other, label: this.design.getLabel(other) }));
    }

    get replacements() {
        return getReplacements(this.design.getKind(this.props.selectedId));
    }

    get ends() {
        const flow = this.design.getObject(this.props.selectedId);
        return [flow.sourceRef, flow.targetRef].map(({ id }) => ({
            id,
            label: this.design.getLabel(id),
        }));
    }

    // Acting

    rename(ev) {
        this.design.setName(this.props.selectedId, ev.target.value.trim());
    }

    append(kind) {
        if (kind.group === "boundary") {
            this.design.attach(this.props.selectedId, kind.id);
        } else {
            this.design.append(this.props.selectedId, kind.id);
        }
    }

    connect(ev) {
        this.design.connect(this.props.selectedId, ev.target.value);
    }

    replace(ev) {
        this.design.replace(this.props.selectedId, ev.target.value);
    }
}
