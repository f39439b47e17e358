import {
    Component,
    onMounted,
    onWillStart,
    onWillUnmount,
    toRaw,
    useEffect,
    useRef,
} from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { session } from "@web/session";
import { createMap, getText } from "./map_lib";
import { MarkerLayer } from "./marker_layer";

const POSITION = { lat: Number, lng: Number };

/**
 * A map of markers, lines, polygons and circles.
 *
 * Give new arrays when something changes: each is compared by its records' ids, so that
 * only what differs is drawn again (4,000 markers of which ten moved cost ten).
 * Without a URL for tiles a grid of degrees is drawn, and nothing leaves the browser.
 *
 * Also for web.assets_frontend: there, give `tilesUrl` where tiles are wanted.
 */
export class ServiceMap extends Component {
    static template = "service_management.ServiceMap";
    static props = {
        markers: {
            type: Array,
            optional: true,
            element: {
                type: Object,
                shape: {
                    id: [Number, String],
                    ...POSITION,
                    // point, technician, order or customer; anything else is a dot
                    kind: { type: String, optional: true },
                    label: { type: String, optional: true },
                    color: { type: String, optional: true },
                    // Written on the marker
                    count: { type: [Number, String], optional: true },
                    isDraggable: { type: Boolean, optional: true },
                    "*": true,
                },
            },
        },
        // {id, points: [[lat, lng], ...], color?, label?}
        lines: { type: Array, optional: true },
        polygons: { type: Array, optional: true },
        // {id, lat, lng, radius (km), color?, label?}
        circles: { type: Array, optional: true },
        // A GeoJSON object: boundaries in the background
        geojson: { type: Object, optional: true },
        selectedId: { type: [Number, String, Boolean, { value: null }], optional: true },
        onMarkerClick: { type: Function, optional: true },
        onMarkerDrag: { type: Function, optional: true },
        onShapeClick: { type: Function, optional: true },
        onMapClick: { type: Function, optional: true },
        // Called once with Leaflet's map, for tools that draw on it
        onReady: { type: Function, optional: true },
        tilesUrl: { type: String, optional: true },
        attribution: { type: String, optional: true },
        height: { type: [String, Number], optional: true },
        isClustered: { type: Boolean, optional: true },
        // The map shows everything when first filled and whenever this changes
        fitKey: { type: [Number, String], optional: true },
        className: { type: String, optional: true },
    };
    static defaultProps = {
        markers: [],
        lines: [],
        polygons: [],
        circles: [],
        height: "400px",
        isClustered: true,
        fitKey: "",
        className: "",
    };

    setup() {
        this.root = useRef("root");
        this.shapes = new Map();
        this.fitted = null;
        onWillStart(() => loadBundle("service_management.leaflet"));
        onMounted(() => this.start());
        useEffect(
            () => this.update(),
            () => [
                this.props.markers,
                this.props.lines,
                this.props.polygons,
                this.props.circles,
                this.props.geojson,
                this.props.fitKey,
            ]
        );
        useEffect(
            () => this.markerLayer.select(this.props.selectedId),
            () => [this.props.selectedId]
        );
        onWillUnmount(() => this.stop());
    }

    get style() {
        const { height } = this.props;
        return `height: ${typeof height === "number" ? `${height}px` : height};`;
    }

    get tiles() {
        const settings = session.service_map || {};
        return {
            url: this.props.tilesUrl ?? settings.tiles_url ?? "",
            attribution: this.props.attribution ?? settings.attribution ?? "",
        };
    }

    start() {
        const { L } = window;
        this.map = createMap(this.root.el, this.tiles);
        this.shapeGroup = L.featureGroup().addTo(this.map);
        this.shapeGroup.on("click", ({ layer, latlng }) =>
            this.props.onShapeClick
                ? this.props.onShapeClick(layer.serviceId, layer.serviceKind)
                : this.props.onMapClick?.(latlng.lat, latlng.lng)
        );
        this.markerLayer = new MarkerLayer(this.map, {
            isClustered: this.props.isClustered,
            onClick: (id) => this.props.onMarkerClick?.(id),
            onDrag: (id, lat, lng) => this.props.onMarkerDrag?.(id, lat, lng),
        });
        this.map.on("click", ({ latlng }) => this.props.onMapClick?.(latlng.lat, latlng.lng));
        this.observer = new ResizeObserver(() => this.resize());
        this.observer.observe(this.root.el);
        this.props.onReady?.(this.map);
    }

    stop() {
        this.observer?.disconnect();
        this.map?.remove();
        this.map = null;
    }

    /** A map that was opened in a hidden tab has no size until it is shown. */
    resize() {
        this.map?.invalidateSize({ animate: false });
        if (this.isFitDue && this.root.el?.clientWidth) {
            this.fit();
        }
    }

    update() {
        this.markerLayer.update(toRaw(this.props.markers));
        this.updateShapes();
        this.updateBackground();
        if (this.props.fitKey !== this.fitted) {
            this.fit();
        }
    }

    updateShapes() {
        const wanted = new Map();
        for (const [kind, shapes] of [
            ["line", this.props.lines],
            ["polygon", this.props.polygons],
            ["circle", this.props.circles],
        ]) {
            for (const shape of toRaw(shapes)) {
                wanted.set(`${kind}_${shape.id}`, [kind, shape, JSON.stringify(shape)]);
            }
        }
        for (const [key, { layer, text }] of this.shapes) {
            if (wanted.get(key)?.[2] !== text) {
                this.shapeGroup.removeLayer(layer);
                this.shapes.delete(key);
            }
        }
        for (const [key, [kind, shape, text]] of wanted) {
            if (!this.shapes.has(key)) {
                const layer = this.makeShape(kind, shape);
                this.shapeGroup.addLayer(layer);
                this.shapes.set(key, { layer, text });
            }
        }
    }

    makeShape(kind, { id, points, lat, lng, radius, color, label }) {
        const { L } = window;
        const style = { color: color || "#3b6ea5", weight: 2, fillOpacity: 0.12 };
        const layer = {
            line: () => L.polyline(points, { ...style, weight: 3 }),
            polygon: () => L.polygon(points, style),
            circle: () => L.circle([lat, lng], { ...style, radius: radius * 1000 }),
        }[kind]();
        layer.serviceId = id;
        layer.serviceKind = kind;
        if (label) {
            layer.bindTooltip(() => getText(label), { sticky: true });
        }
        return layer;
    }

    updateBackground() {
        const geojson = toRaw(this.props.geojson);
        if (geojson === this.geojson) {
            return;
        }
        this.background?.remove();
        this.geojson = geojson;
        this.background =
            geojson &&
            window.L.geoJSON(geojson, {
                interactive: false,
                style: { color: "#888", weight: 1, fillOpacity: 0.03 },
            }).addTo(this.map);
    }

    fit() {
        const bounds = this.markerLayer.getBounds();
        for (const layer of [this.shapeGroup, this.background]) {
            const extent = layer?.getBounds();
            if (extent?.isValid()) {
                bounds.extend(extent);
            }
        }
        this.isFitDue = bounds.isValid() && !this.root.el.clientWidth;
        if (bounds.isValid()) {
            this.fitted = this.props.fitKey;
            this.map.fitBounds(bounds, { padding: [30, 30], maxZoom: 14, animate: false });
        }
    }
}
