import { Component } from "@odoo/owl";
import { SelectMenu } from "@web/core/select_menu/select_menu";
import { Design } from "../designer/design";
import { CodeSelector } from "./code_selector";
import { GuardEditor } from "./guard_editor";
import { getNamedChoices } from "./named_choices";
import { PropertyRow } from "./property_row";
import { SetFieldsEditor } from "./set_fields_editor";
import { TagSelect } from "./tag_select";

/** Properties of a flow: when it may be taken, by whom, and what taking it does. */
export class FlowProperties extends Component {
    static template = "service_management.FlowProperties";
    static components = {
        CodeSelector,
        GuardEditor,
        PropertyRow,
        SelectMenu,
        SetFieldsEditor,
        TagSelect,
    };
    static props = {
        design: Design,
        id: String,
        options: Object,
        readonly: Boolean,
        version: Number,
    };

    get flow() {
        return this.props.design.getObject(this.props.id);
    }

    /** A person takes it, by a button. */
    get isButton() {
        return this.props.design.getKind(this.flow.sourceRef.id)?.id === "user_task";
    }

    get canGuard() {
        const kind = this.props.design.getKind(this.flow.sourceRef.id)?.id;
        return ["user_task", "exclusive", "inclusive"].includes(kind) || Boolean(this.condition);
    }

    get canBeDefault() {
        const { design } = this.props;
        const source = this.flow.sourceRef.id;
        return (
            ["exclusive", "inclusive"].includes(design.getKind(source)?.id) &&
            design.getOutgoing(source).length > 1
        );
    }

    get isDefault() {
        return this.props.design.isDefault(this.props.id);
    }

    get condition() {
        return this.props.design.getCondition(this.props.id);
    }

    setDefault(isDefault) {
        const { design, id } = this.props;
        design.setDefault(id, isDefault);
        if (isDefault) {
            design.setCondition(id, "");
        }
    }

    get(name) {
        return this.props.design.getAttribute(this.props.id, name);
    }

    set(name, value) {
        this.props.design.setAttribute(this.props.id, name, value);
    }

    /** What may be chosen for an attribute; what is there already is always shown. */
    getChoices(name, records) {
        return getNamedChoices(records, this.get(name));
    }

    get settableFields() {
        return this.props.options.fields.filter((field) => field.can_set);
    }
}
