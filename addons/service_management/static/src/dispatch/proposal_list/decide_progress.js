import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { useService } from "@web/core/utils/hooks";

const INTERVAL = 2000;

/** How far the decisions are that the user had made in the background. */
export class DecideProgress extends Component {
    static template = "service_management.DecideProgress";
    static props = { onDone: Function };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ total: 0, done: 0 });
        this.timer = null;
        onWillStart(() => this.read());
        onWillUnmount(() => {
            this.isGone = true;
            browser.clearTimeout(this.timer);
        });
    }

    get percent() {
        return Math.round((100 * this.state.done) / this.state.total);
    }

    async read() {
        const wasRunning = this.state.total > 0;
        const { total, done } = await this.orm.silent.call(
            "service.scorecard.proposal",
            "get_decision_progress",
            []
        );
        if (this.isGone) {
            return;
        }
        Object.assign(this.state, { total, done });
        if (total) {
            this.timer = browser.setTimeout(() => this.read(), INTERVAL);
        } else if (wasRunning) {
            this.props.onDone();
        }
    }
}
