import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, queryAll, queryAllTexts, queryFirst, test, waitFor } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { Component, useState, xml } from "@odoo/owl";
import { contains, mountWithCleanup, preloadBundle } from "@web/../tests/web_test_helpers";
import { ServiceMap } from "@service_management/network/service_map/service_map";

preloadBundle("service_management.leaflet");
defineMailModels();

const MARKER = ".o_service_map_marker";

class Parent extends Component {
    static template = xml`
        <div style="width: 600px">
            <ServiceMap t-props="state"/>
        </div>`;
    static components = { ServiceMap };
    static props = ["*"];
    setup() {
        this.state = useState({ isClustered: false, tilesUrl: "", ...this.props.map });
    }
}

async function mountMap(map) {
    const parent = await mountWithCleanup(Parent, { props: { map } });
    await waitFor(".o_service_map.leaflet-container");
    return parent;
}

const POINT = { id: 1, lat: 22.5, lng: 113.9, kind: "point", label: "Nanshan" };
const ORDER = { id: "o2", lat: 22.6, lng: 114.1, kind: "order", label: "<b>SO2</b>", count: 3 };

test("draws markers by kind, without tiles a grid", async () => {
    await mountMap({ markers: [POINT, ORDER] });
    expect(`${MARKER}.o_kind_point`).toHaveCount(1);
    expect(`${MARKER}.o_kind_order`).toHaveCount(1);
    expect(".o_service_map_count").toHaveText("3");
    expect(queryFirst(`${MARKER}.o_kind_order`).getAttribute("aria-label")).toBe("<b>SO2</b>");
    expect(queryAll(".o_service_map_tile").length).toBeGreaterThan(0);
    expect(queryFirst(".o_service_map_tile")).toHaveText(/° [NS] .*° [EW]/);
    expect("img.leaflet-tile").toHaveCount(0);
});

test("draws again only what differs", async () => {
    const parent = await mountMap({ markers: [POINT, ORDER] });
    const element = queryFirst(`${MARKER}.o_kind_point`);
    parent.state.markers = [{ ...POINT }, { ...ORDER, lat: 22.61 }];
    await animationFrame();
    expect(queryFirst(`${MARKER}.o_kind_point`)).toBe(element);
    parent.state.markers = [{ ...POINT, color: "red" }];
    await animationFrame();
    expect(MARKER).toHaveCount(1);
    expect(queryFirst(MARKER).style.getPropertyValue("--o-marker-color")).toBe("red");
});

test("says which marker or place was clicked, and marks the selected one", async () => {
    await mountMap({
        markers: [POINT],
        selectedId: 1,
        onMarkerClick: (id) => expect.step(`marker ${id}`),
        onMapClick: (lat, lng) => expect.step(typeof lat + typeof lng),
    });
    expect(`${MARKER}.o_selected`).toHaveCount(1);
    await contains(MARKER).click();
    expect.verifySteps(["marker 1"]);
    await contains(".o_service_map").click({ position: { x: 20, y: 20 } });
    expect.verifySteps(["numbernumber"]);
});

test("draws lines, polygons and circles, and shows a label as text", async () => {
    const ring = [
        [22.4, 113.8],
        [22.4, 114.2],
        [22.7, 114.0],
    ];
    const parent = await mountMap({
        lines: [{ id: 1, points: ring.slice(0, 2) }],
        polygons: [{ id: 1, points: ring, color: "#f00", label: "South" }],
        circles: [{ id: 1, lat: 22.5, lng: 114, radius: 5 }],
    });
    expect("path.leaflet-interactive").toHaveCount(3);
    parent.state.polygons = [];
    await animationFrame();
    expect("path.leaflet-interactive").toHaveCount(2);
});

test("four thousand markers are clustered", async () => {
    const markers = Array.from({ length: 4000 }, (_, id) => ({
        id,
        lat: 22 + (id % 63) / 50,
        lng: 113 + Math.floor(id / 63) / 50,
        kind: "order",
    }));
    const parent = await mountMap({ markers, isClustered: true });
    const total = () => queryAllTexts(".o_service_map_cluster").map(Number);
    expect(total().reduce((sum, count) => sum + count, 0)).toBe(4000 - queryAll(MARKER).length);
    parent.state.markers = markers.slice(2000);
    await animationFrame();
    expect(total().reduce((sum, count) => sum + count, 0)).toBe(2000 - queryAll(MARKER).length);
});
