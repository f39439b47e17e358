import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, queryAll, queryAllTexts, queryOne, test, waitFor, waitForNone } from "@odoo/hoot";
import { Deferred, runAllTimers } from "@odoo/hoot-mock";
import {
    contains as containsNow,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
    preloadBundle,
} from "@web/../tests/web_test_helpers";
import {
    formatDuration,
    parseDuration,
} from "@service_management/process/properties/duration_editor";

preloadBundle("service_management.bpmn_modeler");
preloadBundle("service_management.bpmn_viewer");

// Drawing takes its time on a busy machine.
const PATIENCE = { timeout: 5000 };
const contains = (target, options) => containsNow(target, { ...PATIENCE, ...options });

const HEADER = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
    xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
    xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
    xmlns:svc="urn:service-suite:bpmn" id="D" targetNamespace="x">`;
const shape = (id, x, width = 36, height = 36) =>
    `<bpmndi:BPMNShape id="${id}_di" bpmnElement="${id}">
        <dc:Bounds x="${x}" y="${100 - height / 2}" width="${width}" height="${height}"/>
    </bpmndi:BPMNShape>`;
const edge = (id, from, to) =>
    `<bpmndi:BPMNEdge id="${id}_di" bpmnElement="${id}">
        <di:waypoint x="${from}" y="100"/><di:waypoint x="${to}" y="100"/>
    </bpmndi:BPMNEdge>`;
const START = `${HEADER}
    <bpmn:process id="P" isExecutable="true"><bpmn:startEvent id="start" name="Begin"/></bpmn:process>
    <bpmndi:BPMNDiagram id="G"><bpmndi:BPMNPlane id="L" bpmnElement="P">
        ${shape("start", 100)}
    </bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>`;
const DECISION = `${HEADER}
    <bpmn:process id="P" isExecutable="true">
        <bpmn:startEvent id="start"/>
        <bpmn:userTask id="look" name="Look" svc:actor="team" svc:team="line1" svc:checklist="One&#10;Two"/>
        <bpmn:exclusiveGateway id="which" name="Which?"/>
        <bpmn:endEvent id="good" name="Good"/>
        <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="look"/>
        <bpmn:sequenceFlow id="f2" name="Looked" sourceRef="look" targetRef="which"/>
        <bpmn:sequenceFlow id="f3" name="yes" sourceRef="which" targetRef="good"/>
        <bpmn:sequenceFlow id="f4" sourceRef="which" targetRef="look"/>
    </bpmn:process>
    <bpmndi:BPMNDiagram id="G"><bpmndi:BPMNPlane id="L" bpmnElement="P">
        ${shape("start", 100)}${shape("look", 200, 100, 80)}${shape("which", 350, 50, 50)}
        ${shape("good", 460)}${edge("f1", 136, 200)}${edge("f2", 300, 350)}
        ${edge("f3", 400, 460)}${edge("f4", 350, 300)}
    </bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>`;
const FOREIGN = START.replace(
    "<bpmn:startEvent",
    '<bpmn:scriptTask id="script" name="Run"/><bpmn:startEvent'
).replace(shape("start", 100), shape("start", 100) + shape("script", 300, 100, 80));

class Team extends models.Model {
    _name = "service.team";
    name = fields.Char();
    code = fields.Char();
    _records = [
        { id: 1, name: "First Line", code: "line1" },
        { id: 2, name: "Workshop", code: "workshop" },
        { id: 3, name: "Night Shift", code: false },
    ];
}

class Stage extends models.Model {
    _name = "service.stage";
    name = fields.Char();
    code = fields.Char();
    _records = [{ id: 1, name: "In Progress", code: "in_progress" }];
}

class Type extends models.Model {
    _name = "service.type";
    name = fields.Char();
    code = fields.Char();
}

class Version extends models.Model {
    _name = "service.workflow.version";
    bpmn_xml = fields.Text();
    state = fields.Selection({
        selection: [
            ["draft", "Draft"],
            ["published", "Published"],
        ],
    });
    _records = [
        { id: 1, bpmn_xml: START, state: "draft" },
        { id: 2, bpmn_xml: DECISION, state: "draft" },
        { id: 3, bpmn_xml: DECISION, state: "published" },
        { id: 4, bpmn_xml: FOREIGN, state: "draft" },
    ];
}
defineModels([Team, Stage, Type, Version]);
defineMailModels();

const OPTIONS = {
    steps: [
        ["task", "Plain Task"],
        ["visit", "Carry Out the Visit"],
    ],
    actors: [
        ["role", "A Role"],
        ["team", "A Team"],
    ],
    roles: [
        ["agent", "Agent"],
        ["manager", "Service Manager"],
    ],
    metrics: [["resolution", "Resolution"]],
    signals: [["done", "Done"]],
    messages: [["customer_reply", "Customer's Reply"]],
    names: ["order", "now", "today"],
    actions: [{ ref: "x.call", name: "Call" }],
    templates: [],
    fields: [
        {
            name: "priority",
            string: "Priority",
            type: "selection",
            selection: [
                ["0", "Low"],
                ["3", "Urgent"],
            ],
            relation: false,
            can_require: true,
            can_set: true,
        },
    ],
};

const STEP = ".o_service_step";
const nameOf = (id) => `${STEP}[data-id=${id}]`;

async function open(resId, problems = () => []) {
    onRpc("get_designer_options", () => OPTIONS);
    onRpc("check_drawing", ({ args }) => problems(args[1]));
    await mountView({
        type: "form",
        resModel: "service.workflow.version",
        resId,
        arch: `<form>
                <field name="state" invisible="1"/>
                <field name="bpmn_xml" widget="bpmn_designer" readonly="state != 'draft'"/>
            </form>`,
    });
    await waitFor(STEP, PATIENCE);
}

/** Save, and give the XML that arrives. */
async function save() {
    const saved = new Deferred();
    onRpc("web_save", ({ args }) => saved.resolve(args[1].bpmn_xml));
    await contains(".o_form_button_save").click();
    return saved;
}

test("a workflow is drawn from the panel alone and saved as BPMN", async () => {
    await open(1);
    expect(queryAllTexts(STEP)).toEqual(["Begin"]);
    await contains(STEP).click();
    await contains(".o_service_append [data-kind=user_task]").click();
    await contains("#svc_name").edit("Look at it");
    await contains("#svc_actor").select("role");
    await contains("#svc_role").select("agent");
    await contains("#svc_hours").edit("2,5");
    await contains(".o_service_list_add").edit("Photo taken");
    await contains(".o_service_list_add").edit("Serial read");
    await contains(".o_service_append [data-kind=end]").click();
    const xml = await save();
    expect(xml).toMatch(/<bpmn:userTask [^>]*name="Look at it"/);
    expect(xml).toMatch(/svc:actor="role"/);
    expect(xml).toMatch(/svc:role="agent"/);
    expect(xml).toMatch(/svc:hours="2.5"/);
    expect(xml).toMatch(/svc:checklist="Photo taken&#10;Serial read"/);
    expect(xml.match(/<bpmn:sequenceFlow /g)).toHaveLength(2);
    expect(xml.match(/<bpmndi:BPMNEdge /g)).toHaveLength(2);
});

test("one step back undoes one change", async () => {
    await open(1);
    expect("[data-tool=undo]").not.toBeEnabled();
    await contains(STEP).click();
    await contains(".o_service_append [data-kind=user_task]").click();
    await contains("[title='All Steps']").click();
    await waitFor(`${STEP}:count(2)`, PATIENCE);
    await contains("[data-tool=undo]").click();
    await waitFor(`${STEP}:count(1)`, PATIENCE);
    await contains("[data-tool=redo]").click();
    await waitFor(`${STEP}:count(2)`, PATIENCE);
});

test("the palette offers what a workflow may have and nothing else", async () => {
    await open(1);
    const actions = queryAll(".djs-palette .entry").map((el) => el.dataset.action);
    expect(actions.filter((action) => action.startsWith("create."))).toEqual([
        "create.start",
        "create.timer",
        "create.message",
        "create.end",
        "create.terminate",
        "create.user_task",
        "create.service_task",
        "create.call",
        "create.exclusive",
        "create.parallel",
        "create.inclusive",
    ]);
});

test("records are chosen by name and kept by code", async () => {
    await open(2);
    await contains(nameOf("look")).click();
    await waitFor("[data-name=team] input:value('First Line')", PATIENCE);
    await contains("[data-name=team] input").edit("Work", { confirm: false });
    await runAllTimers();
    await contains(".o-autocomplete--dropdown-item:contains(Workshop)").click();
    expect(await save()).toMatch(/id="look"[^>]*svc:team="workshop"/);
});

test("a record without a code gets one when a drawing names it", async () => {
    onRpc("service.team", "write", ({ args }) => {
        expect.step([args[0][0], args[1].code]);
    });
    await open(2);
    await contains(nameOf("look")).click();
    await waitFor("[data-name=team] input:value('First Line')", PATIENCE);
    await contains("[data-name=team] input").edit("Night", { confirm: false });
    await runAllTimers();
    await contains(".o-autocomplete--dropdown-item:contains(Night Shift)").click();
    expect(await save()).toMatch(/id="look"[^>]*svc:team="team_3"/);
    expect.verifySteps([[3, "team_3"]]);
});

test("a flow's condition, and the way that is taken otherwise", async () => {
    await open(2);
    await contains(nameOf("which")).click();
    await contains("#svc_default").select("f4");
    await contains(".o_service_way:contains(yes)").click();
    await contains("[data-name=condition] select").select("expression");
    await contains("[data-name=condition] textarea").edit("order.priority == '3'");
    const xml = await save();
    expect(xml).toMatch(/id="which"[^>]*default="f4"/);
    expect(xml).toMatch(/<bpmn:conditionExpression[^>]*>order.priority == '3'<\/bpmn/);
});

test("what a button does: reason, roles, fields that it fills in", async () => {
    await open(2);
    await contains(nameOf("look")).click();
    await contains(".o_service_way:contains(Looked)").click();
    await contains("#svc_reason").click();
    await contains("#svc_signal").select("done");
    await contains("[data-name=set] .o_select_menu input").click();
    await contains(".o_select_menu_item:contains(Priority)").click();
    await contains("[data-name=set] select").select("3");
    const xml = await save();
    expect(xml).toMatch(/id="f2"[^>]*svc:reason="1"/);
    expect(xml).toMatch(/id="f2"[^>]*svc:signal="done"/);
    expect(xml).toMatch(/svc:set="{&#34;priority&#34;:&#34;3&#34;}"/);
});

test("a time limit on a task, in working hours or by the clock", async () => {
    await open(2);
    await contains(nameOf("look")).click();
    await contains(".o_service_append [data-kind=reminder]").click();
    await contains(".o_service_duration input").edit("2");
    await contains(".o_service_duration select").select("D");
    const xml = await save();
    expect(xml).toMatch(/<bpmn:boundaryEvent [^>]*cancelActivity="false"[^>]*attachedToRef="look"/);
    expect(xml).toMatch(/<bpmn:timeDuration[^>]*>P2D<\/bpmn:timeDuration>/);
    expect(xml).not.toMatch(/svc:hours/);
});

test("problems are marked on the canvas and lead to their element", async () => {
    await open(2, () => [
        { element_id: "which", code: "no_default", message: "No default." },
        { element_id: "", code: "no_end", message: "No end." },
    ]);
    await contains(".o_service_problem_toggle:contains(2 problems)").click();
    await waitFor(".o_service_problem", PATIENCE);
    expect(queryAllTexts(".o_service_problem")).toEqual(["Which?: No default.", "No end."]);
    expect("[data-element-id=which].o_service_wrong").toHaveCount(1);
    await contains(".o_service_problem[data-code=no_default]").click();
    await waitFor("#svc_name:value(Which?)", PATIENCE);
    expect(".o_service_own_problem").toHaveText("No default.");
});

test("the drawing is checked again after a change", async () => {
    await open(1, (xml) =>
        xml.includes("endEvent") ? [] : [{ element_id: "start", code: "x", message: "No end." }]
    );
    await waitFor(".o_service_problem_toggle:contains(1 problem)", PATIENCE);
    await contains(STEP).click();
    await contains(".o_service_append [data-kind=end]").click();
    await runAllTimers();
    await waitFor(".o_service_problem_toggle:contains(No problems)", PATIENCE);
    expect(".o_service_wrong").toHaveCount(0);
});

test("a published version can be looked at, not changed", async () => {
    await open(3);
    expect(".djs-palette").toHaveCount(0);
    expect("[data-tool=undo]").toHaveCount(0);
    await contains(nameOf("look")).click();
    await waitFor("#svc_name:value(Look)", PATIENCE);
    expect("#svc_name").not.toBeEnabled();
    expect(queryAllTexts("[data-name=checklist] li")).toEqual(["One", "Two"]);
    expect(".o_service_append").toHaveCount(0);
});

test("an element outside the subset is named and can be removed", async () => {
    await open(4);
    await contains(nameOf("script")).click();
    await waitFor(".o_service_properties_body:contains(ScriptTask is not among)", PATIENCE);
    await contains(".o_service_properties_body button:contains(Remove)").click();
    expect(await save()).not.toMatch(/scriptTask/);
});

test("discarding brings the drawing of before back", async () => {
    await open(1, (xml) =>
        xml.includes("userTask") ? [{ element_id: "", code: "x", message: "Drawn." }] : []
    );
    await contains(STEP).click();
    await contains(".o_service_append [data-kind=user_task]").click();
    await runAllTimers();
    await waitFor(".o_service_problem_toggle:contains(1 problem)", PATIENCE);
    await contains(".o_form_button_cancel").click();
    await waitFor(STEP, PATIENCE);
    expect(queryAllTexts(STEP)).toEqual(["Begin"]);
    await waitForNone(".djs-shape[data-element-id^=Activity]", PATIENCE);
});

test("a file from elsewhere takes the drawing's place", async () => {
    onRpc("prepare_drawing", ({ args }) => {
        expect.step(args[0]);
        return DECISION;
    });
    await open(1);
    const input = queryOne("input[type=file]", { visible: false });
    await contains(input, { visible: false }).click();
    const transfer = new DataTransfer();
    transfer.items.add(new File(["<foreign/>"], "other.bpmn"));
    input.files = transfer.files;
    input.dispatchEvent(new Event("change"));
    await waitFor(nameOf("which"), PATIENCE);
    expect.verifySteps(["<foreign/>"]);
    expect(await save()).toInclude('id="which"');
});

test("the mark of bpmn.io is in full view, as its licence asks", async () => {
    await open(2);
    const mark = queryOne(".bjs-powered-by");
    const { left, top, width, height } = mark.getBoundingClientRect();
    const seen = document.elementFromPoint(left + width / 2, top + height / 2);
    expect(mark.contains(seen)).toBe(true);
});

test("durations of one unit are read and written", () => {
    expect(parseDuration("PT4H")).toEqual({ number: "4", unit: "H" });
    expect(parseDuration("P2D")).toEqual({ number: "2", unit: "D" });
    expect(parseDuration("PT30M")).toEqual({ number: "30", unit: "M" });
    expect(parseDuration("P1DT2H")).toEqual({ number: "", unit: "iso" });
    expect(formatDuration(3, "D")).toBe("P3D");
    expect(formatDuration(15, "M")).toBe("PT15M");
    expect(formatDuration(0, "H")).toBe("");
});
