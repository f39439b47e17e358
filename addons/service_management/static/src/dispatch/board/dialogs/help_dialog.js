import { Component } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";

/** The keys of the board. */
export class HelpDialog extends Component {
    static template = "service_management.BoardHelpDialog";
    static components = { Dialog };
    static props = { close: Function };
}
