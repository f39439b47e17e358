import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { CompleteDialog } from "./complete_dialog";

/**
 * What is the user's to do about an order now: the open tasks of its workflow, each
 * with its checklist and a button for every way on.
 */
export class WorkflowActions extends Component {
    static template = "service_management.WorkflowActions";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.fieldService = useService("field");
        this.lastLoad = new KeepLast();
        this.state = useState({ actions: [], ticked: {}, isBusy: false });
        onWillStart(() => this.load(this.props.record));
        onWillUpdateProps(({ record }) => {
            if (this.getKey(record) !== this.key) {
                this.load(record);
            }
        });
    }

    /** What tells that an order has moved on since its tasks were asked for. */
    getKey({ resId, data }) {
        return [resId, data.state, data.stage_id?.id, data.workitem_count].join();
    }

    async load(record) {
        this.key = this.getKey(record);
        const actions = record.resId
            ? await this.lastLoad.add(
                  this.orm.call("service.order", "get_workflow_actions", [[record.resId]])
              )
            : [];
        this.state.actions = actions;
        this.state.ticked = Object.fromEntries(
            actions.map(({ item_id: id, checked }) => [id, [...checked]])
        );
    }

    formatTime(text) {
        return text ? toLocaleDateTimeString(deserializeDateTime(text)) : "";
    }

    describeAttachments(action) {
        return _t("Attachments still needed: %s", action.attachments);
    }

    isTicked(action, number) {
        return this.state.ticked[action.item_id].includes(number);
    }

    tick(action, number) {
        const ticked = new Set(this.state.ticked[action.item_id]);
        if (!ticked.delete(number)) {
            ticked.add(number);
        }
        this.state.ticked[action.item_id] = [...ticked].sort((a, b) => a - b);
    }

    async choose(action, flow) {
        const { record } = this.props;
        if (!(await record.save())) {
            return;
        }
        if (!flow.fields.length && !flow.reason) {
            await this.complete(action, flow, {}, null);
            return;
        }
        const fields = flow.fields.length
            ? await this.fieldService.loadFields("service.order", { fieldNames: flow.fields })
            : {};
        this.dialog.add(CompleteDialog, {
            title: action.name,
            button: flow.name,
            resId: record.resId,
            fields,
            reason: Boolean(flow.reason),
            onConfirm: (values, reason) => this.complete(action, flow, values, reason),
        });
    }

    async complete(action, flow, values, reason) {
        const checklist = this.state.ticked[action.item_id];
        this.state.isBusy = true;
        try {
            await this.orm.call("service.workitem", "action_complete", [[action.item_id]], {
                flow_id: flow.id,
                values: action.checklist.length ? { ...values, checklist } : values,
                reason,
            });
        } finally {
            this.state.isBusy = false;
        }
        await this.props.record.load();
        await this.load(this.props.record);
    }
}

export const workflowActions = {
    component: WorkflowActions,
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "stage_id", type: "many2one" },
        { name: "workitem_count", type: "integer" },
    ],
};

registry.category("view_widgets").add("service_workflow_actions", workflowActions);
