import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { RecordSelector } from "@web/core/record_selectors/record_selector";

/** Where a service point goes, chosen or dropped, and what goes with it. */
export class MovePointDialog extends Component {
    static template = "service_management.MovePointDialog";
    static components = { Dialog, RecordSelector };
    static props = {
        row: Object,
        parentId: [Number, { value: false }],
        onConfirm: Function,
        close: Function,
    };

    setup() {
        this.state = useState({ parentId: this.props.parentId });
    }

    get title() {
        return _t("Move %s", this.props.row.name);
    }

    /** Neither itself nor what is below it: it would be above itself. */
    get domain() {
        return ["!", ["id", "child_of", this.props.row.id]];
    }

    get isSame() {
        return this.state.parentId === this.props.row.parent_id;
    }

    confirm() {
        this.props.close();
        this.props.onConfirm(this.state.parentId);
    }
}
