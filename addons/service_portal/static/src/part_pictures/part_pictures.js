import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { ServicePartDiagram } from "@service_management/parts/part_diagram/part_diagram";

/** The parts pictures of a customer's product, for looking at. */
export class PartPictures extends Component {
    static template = "service_portal.PartPictures";
    static components = { ServicePartDiagram };
    static props = { pictures: Array };

    setup() {
        this.state = useState({ index: 0 });
    }

    get picture() {
        return this.props.pictures[this.state.index];
    }
}

registry.category("public_components").add("service_portal.part_pictures", PartPictures);
