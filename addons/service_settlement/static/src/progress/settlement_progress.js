import { Component, onWillUnmount, useEffect } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const INTERVAL = 2000;

/** How far a batch is; it reads the record again as long as the batch is running. */
export class SettlementProgress extends Component {
    static template = "service_settlement.SettlementProgress";
    static props = { ...standardWidgetProps };

    setup() {
        this.timer = null;
        useEffect(
            (isRunning) => {
                if (isRunning) {
                    this.plan();
                }
                return () => browser.clearTimeout(this.timer);
            },
            () => [this.data.state === "running"]
        );
        onWillUnmount(() => {
            this.isGone = true;
            browser.clearTimeout(this.timer);
        });
    }

    get data() {
        return this.props.record.data;
    }

    get percent() {
        return Math.round(this.data.progress);
    }

    plan() {
        this.timer = browser.setTimeout(async () => {
            await this.props.record.load();
            if (!this.isGone && this.data.state === "running") {
                this.plan();
            }
        }, INTERVAL);
    }
}

registry.category("view_widgets").add("service_settlement_progress", {
    component: SettlementProgress,
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "progress", type: "float" },
        { name: "item_count", type: "integer" },
        { name: "done_count", type: "integer" },
    ],
});
