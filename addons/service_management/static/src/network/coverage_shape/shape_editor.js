import { EARTH_KM_PER_DEGREE } from "./geometry";

const LINE = { color: "#b5533c", weight: 2, fillOpacity: 0.15 };

function createHandle(className, position, isDraggable = true) {
    const { L } = window;
    return L.marker(position, {
        draggable: isDraggable,
        keyboard: true,
        icon: L.divIcon({ className: `o_service_shape_handle ${className}`, iconSize: [16, 16] }),
    });
}

function toPair({ lat, lng }) {
    return [Number(lat.toFixed(6)), Number(lng.toFixed(6))];
}

/**
 * Draws one polygon or one circle on a Leaflet map.
 *
 * A polygon: each click adds a corner; a click on the first corner or Enter closes it,
 * Escape drops it. Afterwards corners are dragged, removed with Delete or a right click,
 * and added by dragging the small handles between them. A circle: its middle and its
 * edge are dragged.
 */
export class ShapeEditor {
    /**
     * @param {Object} map Leaflet's map
     * @param {{onPolygon: Function, onCircle: Function, onDrawing: Function}} callbacks
     */
    constructor(map, callbacks) {
        this.map = map;
        this.callbacks = callbacks;
        this.layers = window.L.layerGroup().addTo(map);
        this.corners = [];
        this.isDrawing = false;
        this.onKeydown = (ev) => this.pressKey(ev);
        map.getContainer().addEventListener("keydown", this.onKeydown);
        map.on("click", ({ latlng }) => this.clickMap(latlng));
        map.on("mousemove", ({ latlng }) => this.trail(latlng));
    }

    destroy() {
        this.map.getContainer().removeEventListener("keydown", this.onKeydown);
    }

    startDrawing() {
        this.setDrawing(true);
        this.corners = [];
        this.draw();
        this.map.getContainer().focus();
    }

    setDrawing(isDrawing) {
        this.isDrawing = isDrawing;
        this.map.getContainer().classList.toggle("o_drawing", isDrawing);
        this.map.doubleClickZoom[isDrawing ? "disable" : "enable"]();
        this.callbacks.onDrawing(isDrawing);
    }

    clickMap(latlng) {
        if (this.isDrawing) {
            this.corners.push(toPair(latlng.wrap()));
            this.draw();
        }
    }

    pressKey(ev) {
        if (this.isDrawing && (ev.key === "Escape" || ev.key === "Enter")) {
            ev.preventDefault();
            ev.stopPropagation();
            this.finish(ev.key === "Enter");
        }
    }

    /** Closes what is drawn, or drops it. */
    finish(isKept = true) {
        const corners = this.corners;
        this.setDrawing(false);
        if (isKept && corners.length >= 3) {
            this.callbacks.onPolygon(corners);
        } else {
            this.showPolygon(this.shown || [], true);
        }
    }

    trail(latlng) {
        if (this.isDrawing && this.corners.length) {
            this.line.setLatLngs([...this.corners, latlng]);
        }
    }

    showPolygon(corners, isEditable) {
        if (this.isDrawing) {
            return;
        }
        this.shown = corners;
        this.corners = corners.map((corner) => [...corner]);
        this.isEditable = isEditable;
        this.draw();
    }

    draw() {
        const { L } = window;
        this.layers.clearLayers();
        this.line = this.isDrawing
            ? L.polyline(this.corners, { ...LINE, dashArray: "6 6" })
            : L.polygon(this.corners, { ...LINE, interactive: false });
        this.layers.addLayer(this.line);
        if (this.isDrawing) {
            this.corners.forEach((corner, index) => this.addDrawnCorner(corner, index));
        } else if (this.isEditable) {
            this.corners.forEach((corner, index) => this.addCorner(corner, index));
        }
    }

    addDrawnCorner(corner, index) {
        const handle = createHandle(index ? "o_corner" : "o_corner o_first", corner, false);
        if (index === 0) {
            handle.on("click", () => this.finish());
        }
        this.layers.addLayer(handle);
    }

    addCorner(corner, index) {
        const handle = createHandle("o_corner", corner);
        handle.on("drag", ({ latlng }) => this.move(index, latlng));
        handle.on("dragend", () => this.save());
        handle.on("contextmenu", () => this.remove(index));
        handle.on("keydown", ({ originalEvent }) => {
            if (["Delete", "Backspace"].includes(originalEvent.key)) {
                originalEvent.preventDefault();
                this.remove(index);
            }
        });
        this.layers.addLayer(handle);
        const next = this.corners[(index + 1) % this.corners.length];
        const middle = [(corner[0] + next[0]) / 2, (corner[1] + next[1]) / 2];
        const between = createHandle("o_between", middle);
        between.on("dragstart", () => this.corners.splice(index + 1, 0, middle));
        between.on("drag", ({ latlng }) => this.move(index + 1, latlng));
        between.on("dragend", () => this.save());
        this.layers.addLayer(between);
    }

    move(index, latlng) {
        this.corners[index] = toPair(latlng);
        this.line.setLatLngs(this.corners);
    }

    remove(index) {
        if (this.corners.length > 3) {
            this.corners.splice(index, 1);
            this.save();
        }
    }

    save() {
        this.draw();
        this.callbacks.onPolygon(this.corners.map((corner) => [...corner]));
    }

    /**
     * @param {number[]} center
     * @param {number} radius km
     * @param {{canMove: boolean, canResize: boolean}} options
     */
    showCircle(center, radius, { canMove, canResize }) {
        const { L } = window;
        this.shown = [];
        this.layers.clearLayers();
        const circle = L.circle(center, { ...LINE, radius: radius * 1000, interactive: false });
        this.layers.addLayer(circle);
        const getEdge = (middle, km) => {
            const perDegree = EARTH_KM_PER_DEGREE * Math.cos((middle[0] * Math.PI) / 180);
            return [middle[0], middle[1] + km / Math.max(perDegree, 1)];
        };
        const middle = createHandle("o_middle", center, canMove);
        const edge = createHandle("o_corner", getEdge(center, radius), canResize);
        middle.on("drag", ({ latlng }) => {
            circle.setLatLng(latlng);
            edge.setLatLng(getEdge(toPair(latlng), radius));
        });
        middle.on("dragend", () =>
            this.callbacks.onCircle({ center: toPair(middle.getLatLng().wrap()), radius })
        );
        const getRadius = (latlng) =>
            Math.max(0.1, Math.round(this.map.distance(middle.getLatLng(), latlng) / 100) / 10);
        edge.on("drag", ({ latlng }) => circle.setRadius(getRadius(latlng) * 1000));
        edge.on("dragend", () =>
            this.callbacks.onCircle({ center: null, radius: getRadius(edge.getLatLng()) })
        );
        this.layers.addLayer(middle);
        if (canResize) {
            this.layers.addLayer(edge);
        }
    }

    clear() {
        if (!this.isDrawing) {
            this.shown = [];
            this.corners = [];
            this.layers.clearLayers();
        }
    }
}
