import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

const COVERED = {
    state: "covered",
    label: "Covered by the Contract",
    reasons: [
        { code: "covered", text: "FW-1 covers it.", note: "" },
        { code: "used_up", text: "FW-1: same day is used up.", note: "Only one a quarter." },
    ],
    meter: { left: 2, granted: 4, end: "2026-12-31" },
    price: "",
    otherwise: "$ 55.00",
};
const REFUSED = {
    state: "refused",
    label: "Quota Used Up",
    reasons: [{ code: "used_up", text: "FW-1: none left.", note: "" }],
    meter: { left: 0, granted: 4, end: "2026-12-31" },
    price: "$ 55.00",
    otherwise: "",
};

class Order extends models.Model {
    _name = "order";
    coverage = fields.Json();
    _records = [
        { id: 1, coverage: COVERED },
        { id: 2, coverage: REFUSED },
        { id: 3, coverage: false },
    ];
}
defineModels([Order]);
defineMailModels();

function mountOrder(resId) {
    return mountView({
        type: "form",
        resModel: "order",
        resId,
        arch: `<form><field name="coverage" widget="service_coverage"/></form>`,
    });
}

test("what covers an order, what is left, what it costs otherwise", async () => {
    await mountOrder(1);
    expect(".o_service_coverage[data-state='covered'] .text-bg-success").toHaveText(
        "Covered by the Contract"
    );
    expect(".o_service_coverage").toHaveText(/Otherwise \$ 55\.00/);
    expect(".o_service_coverage [role='progressbar']").toHaveAttribute("aria-valuenow", "50");
    expect(queryAllTexts(".o_service_coverage li")).toEqual([
        "FW-1: same day is used up. Only one a quarter.",
    ]);
});

test("a quota that is used up says its price, with an empty bar", async () => {
    await mountOrder(2);
    expect(".o_service_coverage .text-bg-danger").toHaveText("Quota Used Up");
    expect(".o_service_coverage_price").toHaveText("$ 55.00");
    expect(".o_service_coverage [role='progressbar']").toHaveAttribute("aria-valuenow", "0");
});

test("nothing is drawn of nothing", async () => {
    await mountOrder(3);
    expect(".o_service_coverage").toHaveCount(0);
});
