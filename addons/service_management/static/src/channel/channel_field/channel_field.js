import { registry } from "@web/core/registry";
import { SelectionField, selectionField } from "@web/views/fields/selection/selection_field";

const ICONS = {
    phone: "fa-phone",
    email: "fa-envelope-o",
    portal: "fa-globe",
    chat: "fa-comments-o",
    walk_in: "fa-street-view",
    api: "fa-plug",
    plan: "fa-calendar",
    import: "fa-table",
};

/** How a request came in: a picture that is known at a glance, and the word. */
export class ChannelField extends SelectionField {
    static template = "service_management.ChannelField";

    get icon() {
        return ICONS[this.value] || "fa-question";
    }
}

export const channelField = { ...selectionField, component: ChannelField };

registry.category("fields").add("service_channel", channelField);
