import { Component, onWillStart, status, useState } from "@odoo/owl";
import { serializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { formatCurrency } from "@web/core/currency";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const { DateTime } = luxon;

/** What each stage is called, and what the accountant does about it. */
const getStages = () => ({
    unclaimed: {
        name: _t("Without a claim"),
        hint: _t("Done, nobody is paid yet"),
        tone: "danger",
    },
    unpriced: { name: _t("Not priced"), hint: _t("No tariff gives a price"), tone: "danger" },
    unchecked: { name: _t("To check"), hint: _t("Wait for approval"), tone: "warning" },
    held: { name: _t("Held back"), hint: _t("On no statement for now"), tone: "warning" },
    waiting: { name: _t("To settle"), hint: _t("Approved, on no statement"), tone: "info" },
    unissued: { name: _t("Drafts"), hint: _t("Not issued yet"), tone: "info" },
    unconfirmed: { name: _t("Issued"), hint: _t("Wait for the service point"), tone: "info" },
    disputed: { name: _t("Disputed"), hint: _t("Wait for your answer"), tone: "danger" },
    unapproved: { name: _t("To approve"), hint: _t("Wait for an approver"), tone: "warning" },
    unbilled: { name: _t("To bill"), hint: _t("Confirmed, no bill yet"), tone: "warning" },
    unposted: { name: _t("Draft bills"), hint: _t("Not posted yet"), tone: "warning" },
    unpaid: { name: _t("To pay"), hint: _t("Posted, not paid"), tone: "info" },
    paid: { name: _t("Paid"), hint: _t("Nothing left to do"), tone: "success" },
    supplier_share: {
        name: _t("Suppliers' shares"),
        hint: _t("To claim from the supplier"),
        tone: "warning",
    },
    customer_share: {
        name: _t("Customers' shares"),
        hint: _t("To charge to the customer"),
        tone: "warning",
    },
});

const GROUPS = [
    ["claims", ["unclaimed", "unpriced", "unchecked", "held", "waiting"]],
    ["statements", ["unissued", "unconfirmed", "disputed", "unapproved"]],
    ["bills", ["unbilled", "unposted", "unpaid", "paid"]],
    ["shares", ["supplier_share", "customer_share"]],
];

export class SettlementCockpit extends Component {
    static template = "service_settlement.SettlementCockpit";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.lastLoad = new KeepLast();
        this.stages = getStages();
        this.titles = {
            claims: _t("Claims"),
            statements: _t("Statements"),
            bills: _t("Bills"),
            shares: _t("Shares to Collect"),
        };
        this.state = useState({ data: null });
        onWillStart(() => this.load());
    }

    async load(period = this.period) {
        this.state.data = await this.lastLoad.add(
            this.orm.call("service.settlement.cockpit", "get_cockpit", period || [])
        );
    }

    get period() {
        const { data } = this.state;
        return data && [data.date_from, data.date_to];
    }

    /** The month before or after; a period that is no month becomes one. */
    move(months) {
        const start = DateTime.fromISO(this.state.data.date_from).startOf("month").plus({ months });
        this.load([serializeDate(start), serializeDate(start.endOf("month"))]);
    }

    setDay(name, value) {
        const period = { ...this.state.data, [name]: value };
        if (value && period.date_from <= period.date_to) {
            this.load([period.date_from, period.date_to]);
        }
    }

    get groups() {
        const byKey = Object.fromEntries(this.state.data.stages.map((row) => [row.key, row]));
        return GROUPS.map(([key, names]) => ({
            key,
            title: this.titles[key],
            stages: names.map((name) => ({ ...byKey[name], ...this.stages[name] })),
        }));
    }

    formatSum([currencyId, amount]) {
        return formatCurrency(amount, currencyId);
    }

    open(stage) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name: stage.name,
            res_model: stage.model,
            domain: stage.domain,
            views: [
                [stage.view_id, "list"],
                [false, "form"],
            ],
        });
    }

    openWrong() {
        this.action.doAction("service_settlement.action_service_settlement_reconciliation", {
            additionalContext: { search_default_wrong: 1 },
        });
    }

    settle() {
        this.action.doAction("service_settlement.action_service_settlement_run", {
            additionalContext: {
                default_date_from: this.state.data.date_from,
                default_date_to: this.state.data.date_to,
            },
            // Where the run led to another page there is nothing to read again
            onClose: () => status(this) !== "destroyed" && this.load(),
        });
    }
}

registry.category("actions").add("service_settlement_cockpit", SettlementCockpit);
