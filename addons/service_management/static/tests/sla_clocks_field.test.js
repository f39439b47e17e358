import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

class Clock extends models.Model {
    order_id = fields.Many2one({ relation: "order" });
    metric = fields.Selection({
        selection: [
            ["first_response", "First Response"],
            ["resolution", "Resolution"],
        ],
    });
    state = fields.Selection({
        selection: [
            ["running", "Running"],
            ["paused", "Paused"],
            ["met", "Met"],
            ["missed", "Missed"],
        ],
    });
    target_minutes = fields.Integer();
    warn_minutes = fields.Integer();
    elapsed_now = fields.Float();
    late_now = fields.Float();
    warn_at = fields.Datetime();
    due_at = fields.Datetime();
    breach_at = fields.Datetime();
    paused_at = fields.Datetime();
    stopped_at = fields.Datetime();
    is_warned = fields.Boolean();
    is_breached = fields.Boolean();
    pause_text = fields.Char();
    reason_text = fields.Text();
    _records = [
        {
            id: 1,
            order_id: 1,
            metric: "resolution",
            state: "running",
            target_minutes: 480,
            warn_minutes: 384,
            elapsed_now: 240,
            warn_at: "2026-03-02 10:24:00",
            due_at: "2026-03-02 12:00:00",
            breach_at: "2026-03-02 12:00:00",
            reason_text: "Policy Gold, from the contract.",
        },
        {
            id: 2,
            order_id: 1,
            metric: "first_response",
            state: "met",
            target_minutes: 60,
            warn_minutes: 48,
            elapsed_now: 25,
            stopped_at: "2026-03-02 08:25:00",
        },
        {
            id: 3,
            order_id: 2,
            metric: "resolution",
            state: "paused",
            target_minutes: 480,
            warn_minutes: 384,
            elapsed_now: 60,
            paused_at: "2026-03-02 07:00:00",
            pause_text: "Parts",
        },
        {
            id: 4,
            order_id: 3,
            metric: "resolution",
            state: "missed",
            target_minutes: 480,
            warn_minutes: 384,
            elapsed_now: 575,
            late_now: 95,
            is_breached: true,
            stopped_at: "2026-03-02 07:00:00",
        },
    ];
}

class Order extends models.Model {
    clock_ids = fields.One2many({ relation: "clock", relation_field: "order_id" });
    _records = [
        { id: 1, clock_ids: [1, 2] },
        { id: 2, clock_ids: [3] },
        { id: 3, clock_ids: [4] },
    ];
}
defineModels([Clock, Order]);
defineMailModels();

const NAMES = Object.keys(Clock._records[0]);

function mountOrder(resId) {
    const names = [...NAMES, "late_now", "paused_at", "stopped_at", "pause_text"];
    const columns = [...names, "is_warned", "is_breached"]
        .filter((name) => !["id", "order_id"].includes(name))
        .map((name) => `<field name="${name}"/>`);
    return mountView({
        type: "form",
        resModel: "order",
        resId,
        arch: `<form>
                <field name="clock_ids" widget="service_sla_clocks" readonly="1">
                    <list>${columns.join("")}</list>
                </field>
            </form>`,
    });
}

beforeEach(() => mockDate("2026-03-02 10:00:00", 0));

test("clocks stand in the order of the promises, with time, target and reason", async () => {
    await mountOrder(1);
    expect(queryAllTexts(".o_service_clock .fw-bold")).toEqual(["First Response", "Resolution"]);
    expect(queryAllTexts(".o_service_clock .badge")).toEqual(["Met", "On track"]);
    expect(".o_service_clock:last").toHaveText(/4 h \/ 8 h/);
    expect(".o_service_clock:first").toHaveText(/Kept with 35 min left/);
    expect(".o_service_clock:last .progress-bar").toHaveStyle({ width: /.+/ });
    expect(queryFirst(".o_service_clock_running").dataset.tooltip).toMatch(/from the contract/);
});

test("a running clock turns at its warning and its due time by itself", async () => {
    await mountOrder(1);
    await advanceTime(30 * 60 * 1000);
    await animationFrame();
    expect(".o_service_clock_at_risk").toHaveCount(1);
    await advanceTime(100 * 60 * 1000);
    await animationFrame();
    expect(".o_service_clock_overdue").toHaveCount(1);
});

test("a paused clock says what it waits for", async () => {
    await mountOrder(2);
    expect(".o_service_clock_paused").toHaveText(/Paused for: Parts/);
});

test("a missed clock says how late it was", async () => {
    await mountOrder(3);
    expect(".o_service_clock_missed").toHaveText(/1 h 35 min late/);
});
