import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { ServiceMap } from "../service_map/service_map";

/**
 * Where something is, as a marker that can be dragged: `options` name the fields of the
 * latitude and the longitude, and may name one that says how precise they are.
 */
export class PositionWidget extends Component {
    static template = "service_management.PositionWidget";
    static components = { ServiceMap };
    static props = {
        ...standardWidgetProps,
        latitude: String,
        longitude: String,
        precision: { type: String, optional: true },
    };

    get data() {
        return this.props.record.data;
    }

    get hasPosition() {
        return Boolean(this.data[this.props.latitude] || this.data[this.props.longitude]);
    }

    get markers() {
        const lat = this.data[this.props.latitude];
        const lng = this.data[this.props.longitude];
        return this.hasPosition
            ? [
                  {
                      id: "position",
                      lat,
                      lng,
                      kind: "order",
                      label: this.data.display_name || "",
                      isDraggable: !this.props.readonly,
                  },
              ]
            : [];
    }

    move(lat, lng) {
        if (this.props.readonly) {
            return;
        }
        const values = { [this.props.latitude]: lat, [this.props.longitude]: lng };
        if (this.props.precision) {
            values[this.props.precision] = "exact";
        }
        this.props.record.update(values);
    }

    onMapClick(lat, lng) {
        // A stray click must not move what is already placed.
        if (!this.hasPosition) {
            this.move(lat, lng);
        }
    }
}

registry.category("view_widgets").add("service_position", {
    component: PositionWidget,
    extractProps: ({ options }) => ({
        latitude: options.latitude || "latitude",
        longitude: options.longitude || "longitude",
        precision: options.precision,
    }),
    fieldDependencies: ({ options }) =>
        [
            { name: options.latitude || "latitude", type: "float", readonly: false },
            { name: options.longitude || "longitude", type: "float", readonly: false },
            options.precision && { name: options.precision, type: "selection", readonly: false },
        ].filter(Boolean),
});
