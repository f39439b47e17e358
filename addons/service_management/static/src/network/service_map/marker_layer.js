import { getText } from "./map_lib";

const SVG = "http://www.w3.org/2000/svg";
// Paths in a box of 24 x 24
const DRAWINGS = {
    point: "M3 11 12 3l9 8v10h-6v-6H9v6H3z",
    technician: "M12 3a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4 21a8 8 0 0 1 16 0z",
    order: "M12 1a8 8 0 0 1 8 8c0 6-8 14-8 14S4 15 4 9a8 8 0 0 1 8-8z",
    customer: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16z",
};

function createDrawing(kind) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", DRAWINGS[kind] || DRAWINGS.customer);
    svg.append(path);
    return svg;
}

/** An icon that is built when the marker comes into view, not before. */
function createIcon({ kind, label, color, count }, isSelected) {
    const { L } = window;
    const Icon = L.DivIcon.extend({
        createIcon() {
            const element = document.createElement("div");
            element.setAttribute("aria-label", label || "");
            element.style.setProperty("--o-marker-color", color || "");
            element.append(createDrawing(kind));
            if (count || count === 0) {
                const badge = getText(String(count));
                badge.className = "o_service_map_count";
                element.append(badge);
            }
            this._setIconStyles(element, "icon");
            return element;
        },
    });
    return new Icon({
        className: `o_service_map_marker o_kind_${kind || "dot"}${isSelected ? " o_selected" : ""}`,
        iconSize: [26, 26],
        iconAnchor: [13, kind === "order" ? 25 : 13],
        tooltipAnchor: [13, 0],
    });
}

function createCluster(group) {
    const count = group.getChildCount();
    const element = getText(String(count));
    const size = 30 + Math.min(24, 6 * Math.log10(count));
    return window.L.divIcon({
        html: element,
        className: "o_service_map_cluster",
        iconSize: [size, size],
    });
}

/** The markers of a map: told what there should be, it changes what differs. */
export class MarkerLayer {
    constructor(map, { isClustered, onClick, onDrag }) {
        const { L } = window;
        this.map = map;
        this.onDrag = onDrag;
        this.entries = new Map();
        this.selectedId = null;
        this.group = isClustered
            ? L.markerClusterGroup({
                  maxClusterRadius: 46,
                  disableClusteringAtZoom: 16,
                  showCoverageOnHover: false,
                  iconCreateFunction: createCluster,
                  animate: false,
              })
            : L.featureGroup();
        this.group.on("click", ({ layer }) => onClick(layer.serviceId));
        this.group.addTo(map);
    }

    update(markers) {
        const wanted = new Map(markers.map((marker) => [marker.id, marker]));
        const removed = [];
        const added = [];
        for (const [id, { layer, marker }] of this.entries) {
            const next = wanted.get(id);
            if (!next || next.lat !== marker.lat || next.lng !== marker.lng) {
                removed.push(layer);
                this.entries.delete(id);
            }
        }
        for (const [id, marker] of wanted) {
            const entry = this.entries.get(id);
            if (!entry) {
                const layer = this.create(marker);
                this.entries.set(id, { layer, marker });
                added.push(layer);
            } else if (this.looksOther(entry.marker, marker)) {
                entry.marker = marker;
                entry.layer.setIcon(createIcon(marker, id === this.selectedId));
            }
        }
        this.changeMany("removeLayer", removed);
        this.changeMany("addLayer", added);
    }

    looksOther(old, marker) {
        return ["kind", "label", "color", "count"].some((name) => old[name] !== marker[name]);
    }

    /** Many at once is far cheaper for clusters; a plain group knows one at a time. */
    changeMany(method, layers) {
        if (this.group[`${method}s`]) {
            this.group[`${method}s`](layers);
        } else {
            layers.forEach((layer) => this.group[method](layer));
        }
    }

    create(marker) {
        const { id, lat, lng, isDraggable } = marker;
        const layer = window.L.marker([lat, lng], {
            icon: createIcon(marker, id === this.selectedId),
            draggable: Boolean(isDraggable),
            riseOnHover: true,
        });
        layer.serviceId = id;
        layer.bindTooltip(() => getText(this.entries.get(id)?.marker.label || ""));
        if (isDraggable) {
            layer.on("dragend", () => {
                const position = layer.getLatLng().wrap();
                this.onDrag(id, position.lat, position.lng);
            });
        }
        return layer;
    }

    /** Marks one and brings it into view, out of its cluster where it is in one. */
    select(id) {
        const old = this.entries.get(this.selectedId);
        this.selectedId = id;
        old?.layer.setIcon(createIcon(old.marker, false));
        const entry = this.entries.get(id);
        if (!entry) {
            return;
        }
        entry.layer.setIcon(createIcon(entry.marker, true));
        if (!this.map.getBounds().contains(entry.layer.getLatLng())) {
            this.map.panTo(entry.layer.getLatLng(), { animate: false });
        }
        if (!entry.layer._icon) {
            this.group.zoomToShowLayer?.(entry.layer);
        }
    }

    getBounds() {
        const { L } = window;
        return L.latLngBounds([...this.entries.values()].map(({ layer }) => layer.getLatLng()));
    }
}
