import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { ServiceMap } from "../service_map/service_map";

/**
 * A map of what a Json field holds: `{markers, lines, polygons, circles}`. With the
 * options `latitude` and `longitude` a click on the map is written to these fields.
 */
export class ServiceMapField extends Component {
    static template = "service_management.ServiceMapField";
    static components = { ServiceMap };
    static props = {
        ...standardFieldProps,
        height: { type: String, optional: true },
        latitude: { type: String, optional: true },
        longitude: { type: String, optional: true },
    };

    get value() {
        return this.props.record.data[this.props.name] || {};
    }

    get mapProps() {
        const { markers = [], lines = [], polygons = [], circles = [] } = this.value;
        return {
            markers,
            lines,
            polygons,
            circles,
            height: this.props.height || "360px",
            isClustered: false,
            fitKey: markers.map((marker) => marker.id).join(),
            onMapClick: (lat, lng) => this.onMapClick(lat, lng),
        };
    }

    onMapClick(lat, lng) {
        const { latitude, longitude, record } = this.props;
        if (latitude && longitude) {
            record.update({ [latitude]: lat, [longitude]: lng });
        }
    }
}

registry.category("fields").add("service_map", {
    component: ServiceMapField,
    supportedTypes: ["json"],
    extractProps: ({ options }) => ({
        height: options.height,
        latitude: options.latitude,
        longitude: options.longitude,
    }),
});
