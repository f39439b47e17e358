import { Component, onMounted, useRef, useState } from "@odoo/owl";

/** The few facts without which nobody can be visited. */
export class IntakeNewCustomer extends Component {
    static template = "service_management.IntakeNewCustomer";
    static props = {
        name: { type: String, optional: true },
        phone: { type: String, optional: true },
        onSave: Function,
        onCancel: Function,
        isBusy: { type: Boolean, optional: true },
    };

    setup() {
        this.nameInput = useRef("name");
        this.phoneInput = useRef("phone");
        this.state = useState({
            name: this.props.name || "",
            phone: this.props.phone || "",
            street: "",
            city: "",
            zip: "",
        });
        onMounted(() => {
            const first = this.state.name ? this.phoneInput : this.nameInput;
            first.el.focus();
        });
    }

    save() {
        if (this.state.name.trim() && !this.props.isBusy) {
            this.props.onSave({ ...this.state });
        }
    }

    onKeydown(ev) {
        if (ev.key === "Escape") {
            ev.stopPropagation();
            this.props.onCancel();
        }
    }
}
