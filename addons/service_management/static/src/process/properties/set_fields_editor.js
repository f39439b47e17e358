import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { SelectMenu } from "@web/core/select_menu/select_menu";
import { CodeSelector } from "./code_selector";

/** Fields of the order that a flow fills in, kept as JSON. */
export class SetFieldsEditor extends Component {
    static template = "service_management.SetFieldsEditor";
    static components = { CodeSelector, SelectMenu };
    static props = {
        value: String,
        update: Function,
        // { name, string, type, selection, relation }
        fields: Array,
        readonly: { type: Boolean, optional: true },
    };

    get values() {
        try {
            return Object.entries(JSON.parse(this.props.value || "{}"));
        } catch {
            return [];
        }
    }

    get isBroken() {
        return Boolean(this.props.value) && !this.values.length;
    }

    get choices() {
        const taken = new Set(this.values.map(([name]) => name));
        return this.props.fields
            .filter(({ name }) => !taken.has(name))
            .map(({ name, string }) => ({ value: name, label: string }));
    }

    getField(name) {
        return this.props.fields.find((field) => field.name === name) || { name, string: name };
    }

    /** [value, label] pairs of a field with few values, or nothing. */
    getOptions(name) {
        const { type, selection } = this.getField(name);
        if (type === "boolean") {
            return [
                ["true", _t("Yes")],
                ["false", _t("No")],
            ];
        }
        return type === "selection" ? selection : null;
    }

    set(name, value) {
        const values = Object.fromEntries(this.values);
        const { type } = this.getField(name);
        if (type === "boolean") {
            values[name] = value === "true";
        } else if (["integer", "float", "monetary"].includes(type)) {
            values[name] = Number(value) || 0;
        } else {
            values[name] = value;
        }
        this.props.update(JSON.stringify(values));
    }

    add(name) {
        const options = this.getOptions(name);
        this.set(name, options ? options[0][0] : "");
    }

    remove(name) {
        const values = this.values.filter(([other]) => other !== name);
        this.props.update(values.length ? JSON.stringify(Object.fromEntries(values)) : "");
    }
}
