/** What the maps share: Leaflet is in `window.L` once its bundle is loaded. */
import { _t } from "@web/core/l10n/translation";

/** A text as a node: Leaflet takes strings for HTML. */
export function getText(text) {
    const node = document.createElement("span");
    node.textContent = text;
    return node;
}

function formatDegrees(value, signs) {
    return `${Math.abs(value).toFixed(2)}° ${value < 0 ? signs[1] : signs[0]}`;
}

/** The background where no tiles are configured: a grid that says where it is. */
function createGrid() {
    const { L } = window;
    const Grid = L.GridLayer.extend({
        createTile(coords) {
            const tile = document.createElement("div");
            tile.className = "o_service_map_tile";
            const corner = this._map.unproject(coords.scaleBy(this.getTileSize()), coords.z);
            tile.textContent = `${formatDegrees(corner.lat, "NS")} ${formatDegrees(
                L.Util.wrapNum(corner.lng, [-180, 180], true),
                "EW"
            )}`;
            return tile;
        },
    });
    return new Grid();
}

/**
 * @param {HTMLElement} element
 * @param {{url: string, attribution: string}} tiles
 */
export function createMap(element, tiles) {
    const { L } = window;
    const map = L.map(element, {
        center: [30, 110],
        zoom: 4,
        maxZoom: 19,
        minZoom: 2,
        attributionControl: false,
        zoomControl: false,
        worldCopyJump: true,
    });
    L.control.zoom({ zoomInTitle: _t("Zoom in"), zoomOutTitle: _t("Zoom out") }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    if (tiles.url) {
        const attribution = getText(tiles.attribution).innerHTML;
        L.control.attribution({ prefix: false }).addTo(map);
        L.tileLayer(tiles.url, { maxZoom: 19, attribution }).addTo(map);
    } else {
        createGrid().addTo(map);
    }
    return map;
}
