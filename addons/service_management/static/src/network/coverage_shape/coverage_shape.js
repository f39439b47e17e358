import { Component, onPatched, onWillUnmount, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { ServiceMap } from "../service_map/service_map";
import { ShapeEditor } from "./shape_editor";

/** Draws where a coverage row applies: its radius, or its area drawn on the map. */
export class CoverageShape extends Component {
    static template = "service_management.CoverageShape";
    static components = { ServiceMap };
    static props = { ...standardWidgetProps };

    setup() {
        this.state = useState({ isDrawing: false });
        this.drawn = null;
        onPatched(() => this.show());
        onWillUnmount(() => this.editor?.destroy());
    }

    get data() {
        return this.props.record.data;
    }

    get hasPlace() {
        const { kind, outline, latitude, longitude } = this.data;
        return kind === "polygon" ? Boolean(outline) : Boolean(latitude || longitude);
    }

    /** Read by the template, so that a change of the record is shown. */
    get key() {
        const { kind, outline, latitude, longitude, radius_km, is_own_position } = this.data;
        return JSON.stringify([
            kind,
            outline,
            latitude,
            longitude,
            radius_km,
            is_own_position,
            this.props.readonly,
        ]);
    }

    start(map) {
        this.map = map;
        this.editor = new ShapeEditor(map, {
            onPolygon: (outline) => this.props.record.update({ outline }),
            onCircle: ({ center, radius }) =>
                this.props.record.update({
                    radius_km: radius,
                    ...(center && {
                        is_own_position: true,
                        latitude: center[0],
                        longitude: center[1],
                    }),
                }),
            onDrawing: (isDrawing) => (this.state.isDrawing = isDrawing),
        });
        this.show();
        this.fit();
    }

    show() {
        if (!this.editor || this.key === this.drawn) {
            return;
        }
        this.drawn = this.key;
        const { kind, outline, latitude, longitude, radius_km, is_own_position } = this.data;
        const isEditable = !this.props.readonly;
        if (kind === "polygon") {
            this.editor.showPolygon(outline || [], isEditable);
        } else if (this.hasPlace && radius_km > 0) {
            this.editor.showCircle([latitude, longitude], radius_km, {
                canMove: isEditable && is_own_position,
                canResize: isEditable,
            });
        } else {
            this.editor.clear();
        }
    }

    fit() {
        const { kind, outline, latitude, longitude, radius_km } = this.data;
        const { L } = window;
        if (kind === "polygon" && outline) {
            this.map.fitBounds(outline, { padding: [30, 30], animate: false });
        } else if (latitude || longitude) {
            const size = (radius_km || 10) * 2000;
            this.map.fitBounds(L.latLng(latitude, longitude).toBounds(size), { animate: false });
        }
    }

    toggleDrawing() {
        if (this.state.isDrawing) {
            this.editor.finish();
        } else {
            this.editor.startDrawing();
        }
    }

    remove() {
        this.props.record.update({ outline: false });
    }

    /** Of a row whose middle is not known: the middle of what the map shows. */
    placeHere() {
        const { lat, lng } = this.map.getCenter().wrap();
        this.props.record.update({ is_own_position: true, latitude: lat, longitude: lng });
    }
}

registry.category("view_widgets").add("service_coverage_shape", {
    component: CoverageShape,
    fieldDependencies: [
        { name: "kind", type: "selection" },
        { name: "outline", readonly: false, type: "json" },
        { name: "latitude", readonly: false, type: "float" },
        { name: "longitude", readonly: false, type: "float" },
        { name: "radius_km", readonly: false, type: "float" },
        { name: "is_own_position", readonly: false, type: "boolean" },
    ],
});
