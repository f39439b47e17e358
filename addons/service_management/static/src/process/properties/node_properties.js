import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { SelectMenu } from "@web/core/select_menu/select_menu";
import { Design } from "../designer/design";
import { CodeSelector } from "./code_selector";
import { DurationEditor } from "./duration_editor";
import { ListEditor } from "./list_editor";
import { getNamedChoices } from "./named_choices";
import { PropertyRow } from "./property_row";
import { TagSelect } from "./tag_select";

/** Which groups of properties each kind of node has. */
const SECTIONS = {
    start: [],
    end: ["stage", "customer"],
    terminate: ["stage", "customer"],
    user_task: ["who", "what", "time", "stage", "customer"],
    service_task: ["automatic", "stage", "customer"],
    call: ["call", "stage", "customer"],
    exclusive: ["default"],
    parallel: [],
    inclusive: ["default"],
    timer: ["timer", "stage", "customer"],
    message: ["message", "stage", "time", "customer"],
    limit: ["timer"],
    reminder: ["timer"],
};

/** Properties of one node: who acts, what is asked, by when, what the customer sees. */
export class NodeProperties extends Component {
    static template = "service_management.NodeProperties";
    static components = {
        CodeSelector,
        DurationEditor,
        ListEditor,
        PropertyRow,
        SelectMenu,
        TagSelect,
    };
    static props = {
        design: Design,
        id: String,
        options: Object,
        readonly: Boolean,
        version: Number,
    };

    get kind() {
        return this.props.design.getKind(this.props.id);
    }

    has(section) {
        return Boolean(this.kind && SECTIONS[this.kind.id].includes(section));
    }

    get(name) {
        return this.props.design.getAttribute(this.props.id, name);
    }

    set(name, value) {
        this.props.design.setAttribute(this.props.id, name, value);
    }

    /** What is kept is a plain text or nothing; a number below zero is nothing. */
    setNumber(name, text) {
        const number = Number(text.replace(",", "."));
        this.set(name, number > 0 ? `${number}` : "");
    }

    // Choices

    get helpOfActor() {
        return {
            owner: _t("Whoever is responsible for the order."),
            role: _t("Anybody with the role."),
            team: _t("The members of one team; idle work moves up its tree."),
            point: _t("The service point that has the order, or is asked to take it."),
            technician: _t("The technician of the planned visit."),
            customer: _t("The customer answers, in the portal or by email."),
            creator_manager: _t("The manager of whoever registered the order."),
            automatic: _t("Nobody: it is done by the system."),
        }[this.get("actor")];
    }

    get fieldChoices() {
        return this.props.options.fields
            .filter((field) => field.can_require)
            .map(({ name, string }) => [name, string]);
    }

    get pauseChoices() {
        return [["all", _t("All Clocks")], ...this.props.options.metrics];
    }

    get actionChoices() {
        return getNamedChoices(this.props.options.actions, this.get("action"));
    }

    get knownMessages() {
        return this.props.options.messages.map(([name]) => name);
    }

    get isFreeMessage() {
        const message = this.get("message");
        return Boolean(message) && !this.knownMessages.includes(message);
    }

    onMessage(value) {
        this.set("message", value === "other" ? "message" : value);
    }

    // Timer, call, gateway

    get duration() {
        return this.props.design.getDuration(this.props.id);
    }

    setHours(hours) {
        this.set("hours", hours);
        if (hours && this.duration) {
            this.props.design.setDuration(this.props.id, "");
        }
    }

    setDuration(duration) {
        this.props.design.setDuration(this.props.id, duration);
        if (duration) {
            this.set("hours", "");
        }
    }

    get called() {
        return this.props.design.getObject(this.props.id).calledElement || "";
    }

    setCalled(code) {
        this.props.design.setProperties(this.props.id, { calledElement: code || undefined });
    }

    get ways() {
        return this.props.design.getOutgoing(this.props.id);
    }

    getWayLabel(flow) {
        const { design } = this.props;
        const target = design.getLabel(flow.target.id);
        return flow.businessObject.name ? `${flow.businessObject.name} → ${target}` : `→ ${target}`;
    }

    setDefault(flowId) {
        const { design, id } = this.props;
        const flow = flowId ? design.getObject(flowId) : undefined;
        design.setProperties(id, { default: flow });
    }

    get defaultId() {
        return this.props.design.getObject(this.props.id).default?.id || "";
    }
}
