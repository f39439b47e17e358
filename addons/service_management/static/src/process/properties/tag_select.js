import { Component } from "@odoo/owl";
import { SelectMenu } from "@web/core/select_menu/select_menu";

/** Several of a list, kept as text with commas. */
export class TagSelect extends Component {
    static template = "service_management.TagSelect";
    static components = { SelectMenu };
    static props = {
        // [value, label] pairs
        choices: Array,
        value: String,
        update: Function,
        placeholder: { type: String, optional: true },
        readonly: { type: Boolean, optional: true },
    };

    get values() {
        return this.props.value
            .split(",")
            .map((value) => value.trim())
            .filter(Boolean);
    }

    get choices() {
        const choices = this.props.choices.map(([value, label]) => ({ value, label }));
        const known = new Set(choices.map(({ value }) => value));
        for (const value of this.values) {
            if (!known.has(value)) {
                choices.push({ value, label: value });
            }
        }
        return choices;
    }

    get text() {
        const labels = Object.fromEntries(this.choices.map(({ value, label }) => [value, label]));
        return this.values.map((value) => labels[value]).join(", ");
    }
}
