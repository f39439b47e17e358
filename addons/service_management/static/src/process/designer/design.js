import { EventBus, markRaw } from "@odoo/owl";
import { getKind, getKinds, getShapeAttributes } from "../bpmn/bpmn_subset";

/**
 * A diagram that is being edited, in the words of a workflow.
 *
 * Everything that panels and menus do to a diagram goes through here, as one
 * command each, so that one undo takes it back. It triggers ``changed`` when the
 * drawing changed and ``selected`` when the selection did. bpmn-js compares its
 * elements by identity: they are never put behind a reactive proxy, panels keep ids.
 */
export class Design extends EventBus {
    constructor(bpmn, { editable }) {
        super();
        this.bpmn = bpmn;
        this.editable = editable;
        this.elements = bpmn.get("elementRegistry");
        this.selection = bpmn.get("selection");
        this.canvas = bpmn.get("canvas");
        bpmn.on("selection.changed", () => this.trigger("selected"));
        if (editable) {
            this.modeling = bpmn.get("modeling");
            this.stack = bpmn.get("commandStack");
            bpmn.on("commandStack.changed", () => this.trigger("changed"));
        }
        markRaw(this);
    }

    // Reading

    getElement(id) {
        return this.elements.get(id);
    }

    /** The id of the one selected node, flow or process; labels count as their owner. */
    get selectedId() {
        const selected = this.selection.get();
        if (selected.length !== 1) {
            return null;
        }
        return (selected[0].labelTarget || selected[0]).id;
    }

    getObject(id) {
        return this.getElement(id)?.businessObject;
    }

    isFlow(id) {
        return this.getObject(id)?.$type === "bpmn:SequenceFlow";
    }

    isNode(id) {
        return Boolean(this.getObject(id)?.$instanceOf("bpmn:FlowNode"));
    }

    getAttribute(id, name) {
        return this.getObject(id)?.get(`svc:${name}`) || "";
    }

    getName(id) {
        return this.getObject(id)?.name || "";
    }

    getKind(id) {
        const object = this.getObject(id);
        return object && getKind(object);
    }

    /** Name, or the kind where there is no name. */
    getLabel(id) {
        const object = this.getObject(id);
        return object?.name || this.getKind(id)?.label || object?.$type.split(":")[1] || id;
    }

    /** Ids of the nodes, in the order in which they are reached from the start. */
    getNodeIds() {
        const nodes = this.elements.filter(
            (element) => !element.labelTarget && element.businessObject.$instanceOf("bpmn:FlowNode")
        );
        const byPlace = (a, b) => a.x - b.x || a.y - b.y;
        const starts = nodes.filter((node) => node.type === "bpmn:StartEvent");
        const seen = new Set();
        const queue = [
            ...starts.sort(byPlace),
            ...nodes.filter((n) => !starts.includes(n)).sort(byPlace),
        ];
        const visit = (node) => {
            const todo = [node];
            while (todo.length) {
                const next = todo.shift();
                if (!next || seen.has(next.id)) {
                    continue;
                }
                seen.add(next.id);
                todo.push(...this.getOutgoing(next.id).map((flow) => flow.target));
                todo.push(...(next.attachers || []));
            }
        };
        queue.forEach(visit);
        return [...seen];
    }

    getOutgoing(id) {
        return (this.getElement(id)?.outgoing || []).filter(
            (flow) => flow.type === "bpmn:SequenceFlow"
        );
    }

    getCondition(id) {
        return this.getObject(id)?.conditionExpression?.body || "";
    }

    isDefault(id) {
        const flow = this.getObject(id);
        return Boolean(flow) && flow.sourceRef?.default === flow;
    }

    /** ISO 8601 duration of a timer. */
    getDuration(id) {
        return this.getObject(id)?.eventDefinitions?.[0]?.timeDuration?.body || "";
    }

    // Moving about

    select(id) {
        const element = this.getElement(id);
        if (element) {
            this.selection.select(element);
            this.canvas.scrollToElement(element, { top: 80, right: 80, bottom: 80, left: 80 });
        }
    }

    unselect() {
        this.selection.select([]);
    }

    // Changing

    setProperties(id, properties) {
        this.modeling.updateProperties(this.getElement(id), properties);
    }

    setAttribute(id, name, value) {
        const cleaned = value === "" || value === false || value === null ? undefined : `${value}`;
        if ((cleaned || "") !== this.getAttribute(id, name)) {
            this.setProperties(id, { [`svc:${name}`]: cleaned });
        }
    }

    setName(id, name) {
        if (name !== this.getName(id)) {
            this.modeling.updateLabel(this.getElement(id), name);
        }
    }

    setCondition(id, text) {
        if (text === this.getCondition(id)) {
            return;
        }
        const body = text.trim();
        this.setProperties(id, {
            conditionExpression: body
                ? this.bpmn.get("moddle").create("bpmn:FormalExpression", { body })
                : undefined,
        });
    }

    setDefault(id, isDefault) {
        const { sourceRef } = this.getObject(id);
        this.setProperties(sourceRef.id, {
            default: isDefault ? this.getObject(id) : undefined,
        });
    }

    /** Wall-clock time of a timer; the working hours, if any, no longer count. */
    setDuration(id, duration) {
        const [definition] = this.getObject(id).eventDefinitions;
        this.modeling.updateModdleProperties(this.getElement(id), definition, {
            timeDuration: duration
                ? this.bpmn.get("moddle").create("bpmn:FormalExpression", { body: duration })
                : undefined,
        });
    }

    /** Add a node after another one, joined to it. */
    append(id, kindId) {
        const shape = this.createShape(kindId);
        const added = this.bpmn.get("autoPlace").append(this.getElement(id), shape);
        // The panel has the name: an editor on the canvas would be one more change.
        this.bpmn.get("directEditing").cancel();
        this.select(added.id);
        return added.id;
    }

    /** Put a time limit on the border of a task. */
    attach(id, kindId) {
        const host = this.getElement(id);
        const count = host.attachers.length;
        const added = this.modeling.createShape(
            this.createShape(kindId),
            { x: host.x + host.width - 20 - 40 * (count % 3), y: host.y + host.height },
            host,
            { attach: true }
        );
        this.select(added.id);
        return added.id;
    }

    createShape(kindId) {
        const kind = getKinds().find((other) => other.id === kindId);
        return this.bpmn.get("elementFactory").createShape(getShapeAttributes(kind));
    }

    connect(sourceId, targetId) {
        const flow = this.modeling.connect(this.getElement(sourceId), this.getElement(targetId));
        this.select(flow.id);
    }

    /** Whether a flow may go from one node to the other. */
    canConnect(sourceId, targetId) {
        const allowed = this.bpmn
            .get("bpmnRules")
            .canConnect(this.getElement(sourceId), this.getElement(targetId));
        return allowed?.type === "bpmn:SequenceFlow";
    }

    replace(id, kindId) {
        const kind = getKinds().find((other) => other.id === kindId);
        const { type, ...attributes } = getShapeAttributes(kind);
        const replaced = this.bpmn
            .get("bpmnReplace")
            .replaceElement(this.getElement(id), { type, ...attributes });
        this.select(replaced.id);
        return replaced.id;
    }

    remove(id) {
        this.modeling.removeElements([this.getElement(id)]);
    }

    // The whole drawing

    async getXml() {
        const { xml } = await this.bpmn.saveXML({ format: true });
        return xml;
    }

    undo() {
        this.stack.undo();
    }

    redo() {
        this.stack.redo();
    }

    get canUndo() {
        return this.editable && this.stack.canUndo();
    }

    get canRedo() {
        return this.editable && this.stack.canRedo();
    }

    zoom(factor) {
        this.canvas.zoom(Math.min(4, Math.max(0.2, this.canvas.zoom() * factor)), "auto");
    }
}
