import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { click, hover, press, queryAll, queryOne, queryRect } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { Component, useState, xml } from "@odoo/owl";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";
import {
    clampPercent,
    ServicePartDiagram,
} from "@service_management/parts/part_diagram/part_diagram";

defineMailModels();

// One white pixel: the size of the picture is that of its stage
const IMAGE =
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=";

async function mountDiagram(props = {}, style = "") {
    const parts = [
        { key: "b", number: 12, x: 75, y: 50, name: "Drain Pump", code: "P-12", quantity: 2 },
        { key: "a", number: 3, x: 25, y: 10, name: "Door", code: "", quantity: 1 },
    ];
    class Parent extends Component {
        static components = { ServicePartDiagram };
        static props = [];
        static template = xml`
            <div t-att-style="style">
                <ServicePartDiagram t-props="diagram" />
            </div>`;

        setup() {
            this.style = `width: 600px; ${style}`;
            const onMove = (key, x, y) => {
                Object.assign(
                    this.diagram.parts.find((part) => part.key === key),
                    { x, y }
                );
                expect.step(`${key} to ${x}, ${y}`);
            };
            this.diagram = useState({ image: IMAGE, name: "Drain", parts, onMove, ...props });
        }
    }
    await mountWithCleanup(Parent);
}

/** Where the middle of a marker is on the picture, in whole per cent. */
function placeOf(marker) {
    const stage = queryRect(".o_service_part_stage");
    const { left, top, width, height } = queryRect(marker);
    return [
        Math.round((100 * (left + width / 2 - stage.left)) / stage.width),
        Math.round((100 * (top + height / 2 - stage.top)) / stage.height),
    ];
}

test("parts stand by their numbers, on the picture and in the list", async () => {
    await mountDiagram();
    const numbers = (selector) => queryAll(selector).map((el) => el.textContent);
    expect(numbers(".o_service_part_marker")).toEqual(["3", "12"]);
    expect(numbers(".o_service_part_row .o_service_part_number")).toEqual(["3", "12"]);
    expect(".o_service_part_marker:last").toHaveAttribute("aria-label", "12: Drain Pump");
    expect(".o_service_part_row:last").toHaveText(/P-12\s*× 2/);
    expect(placeOf(".o_service_part_marker:last")).toEqual([75, 50]);
});

test("a picture is not mirrored where one writes from right to left", async () => {
    await mountDiagram({}, "direction: rtl;");
    expect(placeOf(".o_service_part_marker:first")).toEqual([25, 10]);
    expect(placeOf(".o_service_part_marker:last")).toEqual([75, 50]);
});

test("what is pointed at or chosen is lit on both sides", async () => {
    await mountDiagram({ onSelect: (key) => expect.step(`chose ${key}`) });
    await hover(".o_service_part_marker:last");
    await animationFrame();
    expect(".o_service_part_row.o_lit").toHaveText(/Drain Pump/);
    await hover(".o_service_part_row:first");
    await animationFrame();
    expect(".o_service_part_marker.o_lit").toHaveText("3");
    await click(".o_service_part_row:last .o_service_part_name");
    await animationFrame();
    expect(".o_service_part_marker[aria-pressed=true]").toHaveText("12");
    await click(".o_service_part_marker:first");
    await animationFrame();
    expect(".o_service_part_row[data-key=a]").toHaveClass("o_lit");
    expect.verifySteps(["chose b", "chose a"]);
});

test("a picture to look at is not changed", async () => {
    await mountDiagram({ onPlace: () => expect.step("placed") });
    await click(".o_service_part_stage img");
    queryOne(".o_service_part_marker:first").focus();
    await press("ArrowRight");
    await animationFrame();
    expect.verifySteps([]);
});

test("arrow keys move a marker, never off the picture", async () => {
    await mountDiagram({ isEditable: true, hasList: false });
    expect(".o_service_part_list").toHaveCount(0);
    queryOne(".o_service_part_marker:first").focus();
    await press("ArrowRight");
    await animationFrame();
    await press(["Shift", "ArrowUp"]);
    await animationFrame();
    await press(["Shift", "ArrowUp"]);
    await animationFrame();
    await press(["Shift", "ArrowUp"]);
    await animationFrame();
    expect.verifySteps(["a to 25.5, 10", "a to 25.5, 5", "a to 25.5, 0", "a to 25.5, 0"]);
});

test("a click places a marker where it was", async () => {
    await mountDiagram({
        isEditable: true,
        onPlace: (x, y) => expect.step(`${Math.round(x)}, ${Math.round(y)}`),
    });
    const { width, height } = queryRect(".o_service_part_stage");
    await click(".o_service_part_stage img", {
        position: { x: 0.4 * width, y: 0.8 * height },
        relative: true,
    });
    expect.verifySteps(["40, 80"]);
});

test("one looks closer and at the whole again", async () => {
    await mountDiagram();
    const { width } = queryRect(".o_service_part_stage");
    await click("button[aria-label='Look closer']");
    await animationFrame();
    expect(Math.round(queryRect(".o_service_part_stage").width / width / 0.5)).toBe(3);
    await click("button[aria-label='Whole picture']");
    await animationFrame();
    expect(queryRect(".o_service_part_stage").width).toBe(width);
    expect("button[aria-label='Show more of the picture']").not.toBeEnabled();
});

test("positions are per cent with two digits", () => {
    expect([-3, 12.3456, 101].map(clampPercent)).toEqual([0, 12.35, 100]);
});
