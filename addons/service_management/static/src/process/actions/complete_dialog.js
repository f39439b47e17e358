import { Component, useRef, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { Record } from "@web/model/record";
import { Field } from "@web/views/fields/field";

const DISPLAY_NAME = { name: "display_name", type: "char", readonly: true };

/** Asks for what a task needs before it can be left: fields of the order, a reason. */
export class CompleteDialog extends Component {
    static template = "service_management.CompleteDialog";
    static components = { Dialog, Field, Record };
    static props = {
        close: Function,
        title: String,
        button: String,
        resId: Number,
        // Definitions of the fields that are asked for, by name
        fields: Object,
        reason: Boolean,
        // Resolves when done; the dialog stays open when it fails.
        onConfirm: Function,
    };

    setup() {
        this.state = useState({ reason: "", isMissing: false, isBusy: false });
        this.reason = useRef("reason");
        this.record = null;
        this.hooks = { onRootLoaded: (record) => (this.record = record) };
        this.activeFields = Object.fromEntries(
            Object.entries(this.props.fields).map(([name, field]) => [
                name,
                { required: "True", ...this.getRelated(field) },
            ])
        );
    }

    get names() {
        return Object.keys(this.props.fields);
    }

    getRelated(field) {
        return field.type === "many2many"
            ? {
                  related: {
                      activeFields: { display_name: { attrs: {}, options: {}, domain: "[]" } },
                      fields: { display_name: DISPLAY_NAME },
                  },
              }
            : {};
    }

    getWidget(name) {
        return { many2many: "many2many_tags", boolean: "boolean" }[this.props.fields[name].type];
    }

    /** What was filled in; of many records their ids, not commands. */
    async getValues() {
        const values = this.record ? await this.record.getChanges() : {};
        for (const name of Object.keys(values)) {
            if (this.props.fields[name]?.type === "many2many") {
                values[name] = [...this.record.data[name].currentIds];
            }
        }
        return values;
    }

    async confirm() {
        const reason = this.state.reason.trim();
        this.state.isMissing = this.props.reason && !reason;
        const isValid = !this.record || (await this.record.checkValidity());
        if (this.state.isMissing || !isValid) {
            return;
        }
        this.state.isBusy = true;
        try {
            await this.props.onConfirm(await this.getValues(), reason || null);
            this.props.close();
        } finally {
            this.state.isBusy = false;
        }
    }
}
