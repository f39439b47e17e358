import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { toReasons } from "@service_management/dispatch/reasons/reasons_field";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

const REASONS = [
    { code: "distance", text: "distance (km)", value: 3.84, cost: 0.2 },
    { code: "load", text: "orders of the day", value: 13, cost: 0.8 },
    { code: "satisfaction", text: "satisfaction", value: 0.75, cost: 0.5 },
    { code: "parts", text: "parts on hand", value: null, cost: 0.5 },
    { code: "continuity", text: "served this asset before", value: false, cost: 1 },
];

class Offer extends models.Model {
    reasons = fields.Json();
    candidates = fields.Json();
    _records = [
        {
            id: 1,
            reasons: REASONS,
            candidates: [
                { point_id: 4, point: "West Lake", rank: 1, cost: 2.5, reasons: REASONS },
                {
                    point_id: 5,
                    point: "Canal",
                    rank: null,
                    cost: null,
                    reasons: [{ code: "area", text: "the point does not serve this area" }],
                },
                { more_eligible: 3, more_refused: 20 },
            ],
        },
        { id: 2, reasons: false, candidates: false },
    ];
}
defineModels([Offer]);
defineMailModels();

function mountOffer(resId) {
    return mountView({
        type: "form",
        resModel: "offer",
        resId,
        arch: `<form>
                <field name="reasons" widget="service_reasons"/>
                <field name="candidates" widget="service_candidates"/>
            </form>`,
    });
}

test("each reason is a line with its fact", async () => {
    await mountOffer(1);
    const own = "[name=reasons] .o_service_reason";
    expect(queryAllTexts(`${own} .o_service_reason_text`)).toEqual([
        "Distance (km)",
        "Orders of the day",
        "Satisfaction",
        "Parts on hand",
        "Served this asset before",
    ]);
    expect(queryAllTexts(`${own} .o_service_reason_value`)).toEqual([
        "3.8",
        "13",
        "75%",
        "unknown",
        "No",
    ]);
});

test("bars share one scale, so that candidates can be compared", async () => {
    await mountOffer(1);
    expect("[name=reasons] [data-code=continuity] .progress-bar").toHaveStyle("width: 33%", {
        inline: true,
    });
    expect("[name=reasons] [data-code=distance] .progress-bar").toHaveStyle("width: 7%", {
        inline: true,
    });
});

test("a refused candidate says why without being opened", async () => {
    await mountOffer(1);
    expect(queryAllTexts(".o_service_candidate summary")).toEqual([
        "1\nWest Lake\ncost 2.50",
        "Refused\nCanal\nThe point does not serve this area",
    ]);
});

test("candidates that are not told of are counted", async () => {
    await mountOffer(1);
    expect(".o_service_candidate").toHaveCount(2);
    expect(".o_service_candidates > p").toHaveText(
        "And 3 more that could have it, 20 more refused."
    );
});

test("no reasons are said to be none", async () => {
    await mountOffer(2);
    expect("[name=reasons] .o_service_reason").toHaveCount(0);
    expect("[name=reasons]").toHaveText("No reasons were stored.");
    expect("[name=candidates]").toHaveText("No point was looked at.");
});

test("what is not a reason is left out", () => {
    expect(toReasons(null)).toEqual([]);
    const left = toReasons([null, {}, { code: "moon" }, { code: "sun", text: "it shines" }]);
    expect(left.map((reason) => reason.text)).toEqual(["Moon", "It shines"]);
});
