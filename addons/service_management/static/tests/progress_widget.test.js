import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, queryAllTexts, test, waitFor } from "@odoo/hoot";
import { mockDate } from "@odoo/hoot-mock";
import {
    contains as containsNow,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
    preloadBundle,
} from "@web/../tests/web_test_helpers";

preloadBundle("service_management.bpmn_viewer");

// Drawing takes its time on a busy machine.
const PATIENCE = { timeout: 5000 };
const contains = (target, options) => containsNow(target, { ...PATIENCE, ...options });

const box = (id, x) =>
    `<bpmndi:BPMNShape id="${id}_di" bpmnElement="${id}">
        <dc:Bounds x="${x}" y="100" width="100" height="80"/>
    </bpmndi:BPMNShape>`;
const XML = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
    xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
    xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="D" targetNamespace="x">
    <bpmn:process id="P">
        <bpmn:userTask id="register" name="Register"/>
        <bpmn:userTask id="repair" name="Repair"/>
        <bpmn:userTask id="order" name="Order Parts"/>
        <bpmn:sequenceFlow id="way" sourceRef="register" targetRef="repair"/>
    </bpmn:process>
    <bpmndi:BPMNDiagram id="G"><bpmndi:BPMNPlane id="L" bpmnElement="P">
        ${box("register", 100)}${box("repair", 300)}${box("order", 500)}
        <bpmndi:BPMNEdge id="way_di" bpmnElement="way">
            <di:waypoint x="200" y="140"/><di:waypoint x="300" y="140"/>
        </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>`;

class Order extends models.Model {
    _name = "service.order";
    state = fields.Selection({ selection: [["new", "New"]] });
    stage_id = fields.Many2one({ relation: "stage" });
    workitem_count = fields.Integer();
    _records = [{ id: 1, state: "new", workitem_count: 1 }];
}

class Stage extends models.Model {
    name = fields.Char();
}
defineModels([Order, Stage]);
defineMailModels();

const PROGRESS = {
    bpmn_xml: XML,
    open: [
        {
            element_id: "repair",
            item_id: 7,
            name: "Repair",
            actor: "Workshop",
            since: "2026-03-02 08:00:00",
            deadline: "2026-03-02 10:00:00",
            late: true,
        },
    ],
    visited: [
        { element_id: "register", times: 2, last_at: "2026-03-02 08:00:00", by: "Li Na" },
        { element_id: "repair", times: 1, last_at: "2026-03-02 08:00:00", by: "Li Na" },
    ],
    errors: [],
    passed: ["way"],
};

async function open(progress) {
    onRpc("get_workflow_progress", () => progress);
    await mountView({
        type: "form",
        resModel: "service.order",
        resId: 1,
        arch: `<form><widget name="service_progress"/></form>`,
    });
}

beforeEach(() => mockDate("2026-03-02 12:00:00", 0));

test("an order is seen on its drawing: where it was, where it is, what is late", async () => {
    await open(PROGRESS);
    await waitFor(".o_service_visited[data-element-id=register]", PATIENCE);
    expect(".o_service_open.o_service_open_late").toHaveCount(1);
    expect(".djs-connection[data-element-id=way].o_service_visited").toHaveCount(1);
    expect("[data-element-id=order].o_service_visited").toHaveCount(0);
    expect(queryAllTexts(".o_service_pill").sort()).toEqual(["Workshop", "×2"]);
    expect("[data-element-id=register]").toHaveAttribute("data-tooltip", /Li Na.*2 times/);
});

test("the same in words, for small screens and screen readers", async () => {
    await open(PROGRESS);
    await waitFor(".o_service_progress_visit", PATIENCE);
    expect(".o_service_progress_open").toHaveCount(1);
    expect(".o_service_progress_open").toHaveText(/Repair\s+Workshop\s+since .*4 hours ago/);
    expect(".o_service_progress_open .text-danger").toHaveText(/late, was due/);
    expect(queryAllTexts(".o_service_progress_visit button")).toEqual(["Register"]);
    await contains(".o_service_progress_visit button").click();
    await waitFor("[data-element-id=register].selected", PATIENCE);
});

test("the drawing speaks the reader's language", async () => {
    await open({ ...PROGRESS, names: { register: "登记", order: "订购配件" } });
    await waitFor("[data-element-id=order] .djs-label:contains(订购配件)", PATIENCE);
    expect("[data-element-id=register] .djs-label").toHaveText("登记");
    expect("[data-element-id=repair] .djs-label").toHaveText("Repair");
    await waitFor(".o_service_progress_visit", PATIENCE);
    expect(queryAllTexts(".o_service_progress_visit button")).toEqual(["登记"]);
});

test("an order that has ended says so; errors are said first", async () => {
    await open({ ...PROGRESS, open: [], errors: [{ message: "A condition failed." }] });
    await waitFor(".o_service_progress_end", PATIENCE);
    expect(".alert-danger").toHaveText("A condition failed.");
});

test("an order without a workflow", async () => {
    await open({ bpmn_xml: false, open: [], visited: [], errors: [] });
    expect(".o_service_progress").toHaveText("This order runs on no workflow.");
});
