import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * Chooses one of the windows in `window_choices` of the record:
 * `{ value, day, hours }`, the soonest first. Choosing it again takes it back.
 */
export class WindowsField extends Component {
    static template = "service_management.WindowsField";
    static props = { ...standardFieldProps };

    get value() {
        return this.props.record.data[this.props.name] || "";
    }

    get days() {
        return groupByDay(this.props.record.data.window_choices || []);
    }

    choose(value) {
        this.props.record.update({ [this.props.name]: value === this.value ? false : value });
    }
}

export function groupByDay(choices) {
    const days = new Map();
    for (const choice of choices) {
        days.set(choice.day, [...(days.get(choice.day) || []), choice]);
    }
    return [...days].map(([day, windows]) => ({ day, windows }));
}

registry.category("fields").add("service_windows", {
    component: WindowsField,
    supportedTypes: ["char"],
    fieldDependencies: [{ name: "window_choices", type: "json" }],
});
