import { Component } from "@odoo/owl";
import { DomainSelectorDialog } from "@web/core/domain_selector_dialog/domain_selector_dialog";
import { _t } from "@web/core/l10n/translation";
import { useOwnedDialogs, useService } from "@web/core/utils/hooks";

const MODEL = "service.order";

/** When a flow may be taken: always, for orders of a domain, or by an expression. */
export class GuardEditor extends Component {
    static template = "service_management.GuardEditor";
    static props = {
        value: String,
        update: Function,
        names: Array,
        readonly: { type: Boolean, optional: true },
    };

    setup() {
        this.addDialog = useOwnedDialogs();
        this.treeProcessor = useService("tree_processor");
    }

    get mode() {
        if (!this.props.value) {
            return "none";
        }
        return this.props.value.startsWith("[") ? "domain" : "expression";
    }

    get modes() {
        return [
            ["none", _t("Always")],
            ["domain", _t("When the order matches…")],
            ["expression", _t("When an expression is true…")],
        ];
    }

    setMode(mode) {
        if (mode === "none") {
            this.props.update("");
        } else if (mode === "domain") {
            this.openDomain(this.mode === "domain" ? this.props.value : "[]");
        } else {
            this.props.update(this.mode === "expression" ? this.props.value : "True");
        }
    }

    onModeChange(ev) {
        const mode = ev.target.value;
        // The dialog decides whether it becomes a domain.
        ev.target.value = this.mode;
        this.setMode(mode);
    }

    openDomain(domain) {
        this.addDialog(DomainSelectorDialog, {
            resModel: MODEL,
            domain,
            title: _t("Orders That May Go This Way"),
            onConfirm: (confirmed) => this.props.update(confirmed === "[]" ? "" : confirmed),
        });
    }
}
