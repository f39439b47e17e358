import { Component, useEffect, useRef } from "@odoo/owl";

/** A checklist: one text a line. */
export class ListEditor extends Component {
    static template = "service_management.ListEditor";
    static props = {
        value: String,
        update: Function,
        readonly: { type: Boolean, optional: true },
    };

    setup() {
        this.root = useRef("root");
        this.focused = null;
        useEffect(() => {
            if (this.focused !== null) {
                this.root.el?.querySelectorAll("input")[this.focused]?.focus();
                this.focused = null;
            }
        });
    }

    get lines() {
        return this.props.value.split("\n").filter((line) => line.trim());
    }

    change(index, text) {
        const lines = [...this.lines];
        lines[index] = text.trim();
        this.props.update(lines.filter(Boolean).join("\n"));
    }

    remove(index) {
        this.props.update(this.lines.filter((line, other) => other !== index).join("\n"));
    }

    move(index, step) {
        const lines = [...this.lines];
        const [line] = lines.splice(index, 1);
        lines.splice(index + step, 0, line);
        this.props.update(lines.join("\n"));
    }

    add(ev) {
        const text = ev.target.value.trim();
        if (text) {
            ev.target.value = "";
            this.focused = this.lines.length + 1;
            this.props.update([...this.lines, text].join("\n"));
        }
    }

    onKeydown(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            this.add(ev);
        }
    }
}
