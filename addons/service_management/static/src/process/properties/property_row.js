import { Component } from "@odoo/owl";

/** A label, what is edited, and a word of help. */
export class PropertyRow extends Component {
    static template = "service_management.PropertyRow";
    static props = {
        name: String,
        label: String,
        help: { type: String, optional: true },
        for: { type: String, optional: true },
        slots: Object,
    };
}
