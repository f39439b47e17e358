import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { mockDate } from "@odoo/hoot-mock";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

class Actor extends models.Model {
    name = fields.Char();
    _records = [{ id: 7, name: "Li Na" }];
}

class Event extends models.Model {
    date = fields.Datetime();
    kind = fields.Selection({
        selection: [
            ["created", "Request Received"],
            ["offered", "Offered to a Service Point"],
            ["closed", "Closed"],
        ],
    });
    user_id = fields.Many2one({ relation: "actor" });
    name = fields.Char();
    is_public = fields.Boolean();
    order_id = fields.Many2one({ relation: "order" });
    _records = [
        { id: 1, order_id: 1, kind: "created", date: "2026-03-01 08:00:00", is_public: true },
        {
            id: 2,
            order_id: 1,
            kind: "offered",
            date: "2026-03-02 09:30:00",
            name: "West Lake\nsecond line",
            user_id: 7,
        },
        { id: 3, order_id: 1, kind: "closed", date: "2026-03-02 10:00:00", is_public: true },
    ];
}

class Order extends models.Model {
    event_ids = fields.One2many({ relation: "event", relation_field: "order_id" });
    _records = [
        { id: 1, event_ids: [1, 2, 3] },
        { id: 2, event_ids: [] },
    ];
}
defineModels([Actor, Event, Order]);
defineMailModels();

function mountOrder(resId) {
    return mountView({
        type: "form",
        resModel: "order",
        resId,
        arch: `<form>
                <field name="event_ids" widget="service_timeline" readonly="1">
                    <list limit="200">
                        <field name="date"/>
                        <field name="kind"/>
                        <field name="user_id"/>
                        <field name="name"/>
                        <field name="is_public"/>
                    </list>
                </field>
            </form>`,
    });
}

beforeEach(() => mockDate("2026-03-02 12:00:00", 0));

test("the latest event comes first, by day", async () => {
    await mountOrder(1);
    expect(queryAllTexts(".o_service_timeline_day")).toEqual(["Today", "Yesterday"]);
    expect(queryAllTexts(".o_service_timeline_event .fw-bold")).toEqual([
        "Closed",
        "Offered to a Service Point",
        "Request Received",
    ]);
    expect(queryAllTexts(".o_service_timeline_event time")).toEqual(["10:00", "09:30", "08:00"]);
});

test("an event tells who, what, and whether the customer sees it", async () => {
    await mountOrder(1);
    const offered = ".o_service_timeline_event:contains(Offered)";
    expect(`${offered}:contains(Li Na)`).toHaveCount(1);
    expect(`${offered} .text-break`).toHaveCount(2);
    expect(`${offered} .fa-eye`).toHaveCount(0);
    expect(".o_service_timeline_event .fa-eye").toHaveCount(2);
    expect(".o_service_timeline_event:contains(Closed):contains(System)").toHaveCount(1);
});

test("an order without events says so", async () => {
    await mountOrder(2);
    expect(".o_service_timeline").toHaveText("Nothing has happened yet.");
});
