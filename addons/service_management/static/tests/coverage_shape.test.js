import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, press, queryAll, queryFirst, test, waitFor } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
    preloadBundle,
} from "@web/../tests/web_test_helpers";

preloadBundle("service_management.leaflet");

class Coverage extends models.Model {
    kind = fields.Selection({
        selection: [
            ["radius", "Radius"],
            ["polygon", "Drawn"],
        ],
    });
    outline = fields.Json();
    latitude = fields.Float({ digits: [10, 7] });
    longitude = fields.Float({ digits: [10, 7] });
    radius_km = fields.Float();
    is_own_position = fields.Boolean();
    _records = [
        { id: 1, kind: "polygon", outline: false },
        {
            id: 2,
            kind: "polygon",
            outline: [
                [22.4, 113.9],
                [22.4, 114.1],
                [22.6, 114.1],
                [22.6, 113.9],
            ],
        },
        { id: 3, kind: "radius", latitude: 22.5, longitude: 114, radius_km: 10 },
    ];
}
defineModels([Coverage]);
defineMailModels();

const MAP = ".o_service_coverage_shape .o_service_map";
const CORNER = ".o_service_shape_handle.o_corner";

async function mountCoverage(resId) {
    await mountView({
        type: "form",
        resModel: "coverage",
        resId,
        arch: `<form><field name="kind"/><field name="radius_km"/>
            <widget name="service_coverage_shape"/></form>`,
    });
    await waitFor(`${MAP}.leaflet-container`);
}

test("draws an area with the mouse and saves its corners", async () => {
    onRpc("coverage", "web_save", ({ args }) => {
        expect(args[1].outline.length).toBe(3);
        expect(args[1].outline.flat().every((value) => typeof value === "number")).toBe(true);
        expect.step("saved");
    });
    await mountCoverage(1);
    await contains(".o_service_shape_draw").click();
    for (const [x, y] of [
        [100, 100],
        [250, 100],
        [250, 250],
    ]) {
        await contains(MAP).click({ position: { x, y }, relative: true });
    }
    expect(CORNER).toHaveCount(3);
    await contains(`${CORNER}.o_first`).click();
    expect(".o_service_shape_draw").toHaveText("Draw Again");
    expect(`.o_between`).toHaveCount(3);
    await contains(".o_form_button_save").click();
    expect.verifySteps(["saved"]);
});

test("Escape drops what is drawn, Enter keeps it", async () => {
    await mountCoverage(1);
    await contains(".o_service_shape_draw").click();
    await contains(MAP).click({ position: { x: 100, y: 100 }, relative: true });
    queryFirst(MAP).focus();
    await press("Escape");
    await animationFrame();
    expect(CORNER).toHaveCount(0);
    expect(".o_service_shape_draw").toHaveText("Draw");
    await contains(".o_service_shape_draw").click();
    for (const [x, y] of [
        [100, 100],
        [200, 100],
        [150, 200],
    ]) {
        await contains(MAP).click({ position: { x, y }, relative: true });
    }
    queryFirst(MAP).focus();
    await press("Enter");
    await animationFrame();
    expect(CORNER).toHaveCount(3);
    expect(".o_service_shape_draw").toHaveText("Draw Again");
    expect(".o_between").toHaveCount(3);
});

test("Delete removes a corner, but never leaves less than three", async () => {
    await mountCoverage(2);
    expect(CORNER).toHaveCount(4);
    queryAll(CORNER)[0].focus();
    await press("Delete");
    await animationFrame();
    expect(CORNER).toHaveCount(3);
    queryAll(CORNER)[0].focus();
    await press("Delete");
    await animationFrame();
    expect(CORNER).toHaveCount(3);
});

test("a circle around the point: its edge is dragged, its middle stays", async () => {
    await mountCoverage(3);
    expect(CORNER).toHaveCount(1);
    expect(".o_middle").toHaveCount(1);
    expect(queryFirst(".o_middle").classList.contains("leaflet-marker-draggable")).toBe(false);
    await contains("[name=radius_km] input").edit("20");
    expect("path.leaflet-interactive, .leaflet-overlay-pane path").toHaveCount(1);
});
