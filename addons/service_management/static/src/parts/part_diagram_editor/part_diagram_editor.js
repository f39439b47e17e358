import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { isBinarySize } from "@web/core/utils/binary";
import { useService } from "@web/core/utils/hooks";
import { imageUrl } from "@web/core/utils/urls";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { fileTypeMagicWordMap } from "@web/views/fields/image/image_field";
import { ServicePartDiagram } from "../part_diagram/part_diagram";

/**
 * The picture of the form, on which markers are placed and moved. They are the rows of
 * `hotspot_ids`, which the list beside it shows: there one says which part it is.
 */
export class PartDiagramEditor extends Component {
    static template = "service_management.PartDiagramEditor";
    static components = { ServicePartDiagram };
    static props = { ...standardWidgetProps };

    setup() {
        this.notification = useService("notification");
    }

    get data() {
        return this.props.record.data;
    }

    get markers() {
        return this.data.hotspot_ids;
    }

    get image() {
        const { image, write_date: stamp } = this.data;
        if (!image) {
            return "";
        }
        if (isBinarySize(image)) {
            const { resModel, resId } = this.props.record;
            return imageUrl(resModel, resId, "image", { unique: stamp });
        }
        return `data:image/${fileTypeMagicWordMap[image[0]] || "png"};base64,${image}`;
    }

    get parts() {
        return this.markers.records.map(({ id, data }) => ({
            key: id,
            number: data.number,
            x: data.x,
            y: data.y,
            name: data.name || data.part_id?.display_name || "",
        }));
    }

    get selected() {
        return this.markers.editedRecord?.id ?? null;
    }

    /** A new marker gets the next number; which part it is, is asked in the list. */
    async place(x, y) {
        const { editedRecord } = this.markers;
        if (!(await this.markers.leaveEditMode({ validate: true }))) {
            const message = _t("Choose the part of marker %s first.", editedRecord.data.number);
            this.notification.add(message, { type: "warning" });
            return;
        }
        const numbers = this.markers.records.map(({ data }) => data.number);
        await this.markers.addNewRecord({
            position: "bottom",
            mode: "edit",
            context: {
                default_x: x,
                default_y: y,
                default_number: Math.max(0, ...numbers) + 1,
            },
        });
    }

    async move(key, x, y) {
        // The list would take the focus from the marker, and the arrow keys with it
        await this.markers.leaveEditMode({ canAbandon: false });
        await this.markers.records.find(({ id }) => id === key)?.update({ x, y });
    }

    async select(key) {
        const marker = this.markers.records.find(({ id }) => id === key);
        if (marker && !this.props.readonly) {
            await this.markers.enterEditMode(marker);
        }
    }
}

registry.category("view_widgets").add("service_part_diagram_editor", {
    component: PartDiagramEditor,
});
