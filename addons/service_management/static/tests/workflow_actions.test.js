import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, queryAllTexts, test, waitFor } from "@odoo/hoot";
import {
    contains as containsNow,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

const PATIENCE = { timeout: 5000 };
const contains = (target, options) => containsNow(target, { ...PATIENCE, ...options });

class Order extends models.Model {
    _name = "service.order";
    state = fields.Selection({ selection: [["new", "New"]] });
    stage_id = fields.Many2one({ relation: "stage" });
    workitem_count = fields.Integer();
    outcome = fields.Selection({
        selection: [
            ["solved", "Solved"],
            ["not_solved", "Not Solved"],
        ],
    });
    _records = [{ id: 1, state: "new", workitem_count: 1 }];
}

class Stage extends models.Model {
    name = fields.Char();
}

class Workitem extends models.Model {
    _name = "service.workitem";
}
defineModels([Order, Stage, Workitem]);
defineMailModels();

const TASK = {
    item_id: 7,
    name: "Repair",
    step: "task",
    deadline: "2026-03-02 10:00:00",
    late: true,
    checklist: ["Photo taken", "Serial read"],
    checked: [1],
    attachments: 2,
    flows: [
        { id: 70, name: "Repaired", reason: false, fields: ["outcome"] },
        { id: 71, name: "Give Up", reason: true, fields: [] },
        { id: 72, name: "Pass On", reason: false, fields: [] },
    ],
};

async function open(actions) {
    onRpc("get_workflow_actions", () => actions);
    onRpc("action_complete", ({ args, kwargs }) => {
        const { flow_id: flow, values, reason } = kwargs;
        expect.step([args[0][0], flow, values, reason]);
        return true;
    });
    await mountView({
        type: "form",
        resModel: "service.order",
        resId: 1,
        arch: `<form><widget name="service_workflow_actions"/></form>`,
    });
}

test("a task shows its ways on, its time, and what is still missing", async () => {
    await open([TASK]);
    expect(queryAllTexts(".o_service_action button")).toEqual(["Repaired", "Give Up", "Pass On"]);
    expect(".o_service_action .text-danger").toHaveCount(1);
    expect(".o_service_action input:checked").toHaveCount(1);
    expect(".o_service_action").toHaveText(/Attachments still needed: 2/);
});

test("a button that needs nothing completes at once, with what was ticked", async () => {
    await open([TASK]);
    await contains(".o_service_action input:eq(0)").click();
    await contains(".o_service_action button:contains(Pass On)").click();
    await expect.waitForSteps([[7, 72, { checklist: [0, 1] }, null]]);
});

test("a reason is asked for before, not refused after", async () => {
    await open([{ ...TASK, checklist: [] }]);
    await contains(".o_service_action button:contains(Give Up)").click();
    await contains(".modal .btn-primary").click();
    await waitFor(".modal .is-invalid", PATIENCE);
    expect.verifySteps([]);
    await contains(".modal textarea").edit("Too old");
    await contains(".modal .btn-primary").click();
    await expect.waitForSteps([[7, 71, {}, "Too old"]]);
    expect(".modal").toHaveCount(0);
});

test("required fields are filled in with their own widgets", async () => {
    await open([{ ...TASK, checklist: [] }]);
    await contains(".o_service_action button:contains(Repaired)").click();
    await contains(".modal .btn-primary").click();
    await waitFor(".modal .o_field_invalid", PATIENCE);
    await contains(".modal [name=outcome] input").click();
    await contains(".o_select_menu_item:contains(/^Solved$/)").click();
    await contains(".modal .btn-primary").click();
    await expect.waitForSteps([[7, 70, { outcome: "solved" }, null]]);
});

test("nothing of mine, nothing shown", async () => {
    await open([]);
    expect(".o_service_actions").toHaveCount(0);
});
