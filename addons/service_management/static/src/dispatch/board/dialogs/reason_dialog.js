import { Component, useState } from "@odoo/owl";
import { useAutofocus } from "@web/core/utils/hooks";
import { Dialog } from "@web/core/dialog/dialog";

/** What speaks against a plan; who has the right may give a reason and do it. */
export class ReasonDialog extends Component {
    static template = "service_management.BoardReasonDialog";
    static components = { Dialog };
    static props = {
        messages: Array,
        canOverride: Boolean,
        onConfirm: Function,
        close: Function,
    };

    setup() {
        this.state = useState({ reason: "" });
        useAutofocus({ refName: "reason" });
    }

    confirm() {
        const reason = this.state.reason.trim();
        if (reason) {
            this.props.close();
            this.props.onConfirm(reason);
        }
    }
}
