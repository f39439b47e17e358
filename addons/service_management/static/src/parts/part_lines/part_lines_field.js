import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The parts of a visit for people who have no rights on the stock itself. */
export class PartLinesField extends Component {
    static template = "service_management.PartLinesField";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
    }

    get lines() {
        return (this.props.record.data[this.props.name] || []).map((line) => ({
            ...line,
            quantity: formatFloat(line.quantity, { trailingZeros: false }),
            on_hand: formatFloat(line.on_hand || 0, { trailingZeros: false }),
            isShort: !line.done && (line.on_hand || 0) < line.quantity,
            removal: _t("Remove %s", line.name),
        }));
    }

    get canRemove() {
        return ["planned", "en_route", "on_site"].includes(this.props.record.data.state);
    }

    async remove(line) {
        const { resModel, resId } = this.props.record;
        await this.orm.call(resModel, "action_remove_part", [[resId], line.move_id]);
        await this.props.record.load();
    }
}

registry.category("fields").add("service_part_lines", {
    component: PartLinesField,
    displayName: _t("Parts"),
    supportedTypes: ["json"],
});
