import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { formatFloat } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { ServicePartDiagram } from "../part_diagram/part_diagram";

/**
 * The parts pictures of the product that a record is about, `params: { model, id }`. On an
 * order or a visit a part is chosen by its marker or its line.
 */
export class PartDiagramAction extends Component {
    static template = "service_management.PartDiagramAction";
    static components = { Layout, ServicePartDiagram };
    static props = { ...standardActionServiceProps };
    static displayName = _t("Parts Picture");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.state = useState({
            name: "",
            pictures: [],
            choice: "",
            canEdit: false,
            pictureId: false,
            selected: null,
            isBusy: false,
        });
        onWillStart(() => this.load());
    }

    get subject() {
        return this.props.action.params || {};
    }

    async load() {
        const { model, id } = this.subject;
        if (!model || !id) {
            return;
        }
        const data = await this.orm.call(model, "get_part_diagrams", [[id]]);
        const { state } = this;
        Object.assign(state, {
            name: data.name,
            choice: data.choice,
            canEdit: data.can_edit,
            pictures: data.pictures.map((picture) => ({
                ...picture,
                parts: picture.parts.map((part) => ({ ...part, key: part.id })),
            })),
        });
        if (!state.pictures.some((picture) => picture.id === state.pictureId)) {
            state.pictureId = state.pictures[0]?.id;
        }
    }

    get picture() {
        return this.state.pictures.find((picture) => picture.id === this.state.pictureId);
    }

    show(picture) {
        this.state.pictureId = picture.id;
        this.state.selected = null;
    }

    edit() {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "service.part.diagram",
            res_id: this.state.pictureId,
            views: [[false, "form"]],
        });
    }

    // What is known of a part

    formatQuantity(quantity) {
        return formatFloat(quantity, { trailingZeros: false });
    }

    chosenText(part) {
        const quantity = this.formatQuantity(part.chosen);
        return this.state.choice === "use" ? _t("%s noted", quantity) : _t("%s expected", quantity);
    }

    choiceLabel(part) {
        return this.state.choice === "use" ? _t("Use %s", part.name) : _t("Expect %s", part.name);
    }

    // Choosing

    async choose(part) {
        if (this.state.isBusy) {
            return;
        }
        this.state.isBusy = true;
        this.state.selected = part.id;
        try {
            await (this.state.choice === "use" ? this.use(part) : this.expect(part));
        } finally {
            this.state.isBusy = false;
        }
    }

    async expect(part) {
        const { model, id } = this.subject;
        await this.orm.call(model, "action_expect_part", [[id], part.part_id, part.quantity]);
        await this.load();
        this.notification.add(_t("%s is expected for the order.", part.name), { type: "success" });
    }

    async use(part) {
        const { model, id } = this.subject;
        const action = await this.orm.call(model, "action_open_part", [
            [id],
            part.part_id,
            part.quantity,
        ]);
        await this.action.doAction(
            { ...action, views: [[false, "form"]] },
            { onClose: () => this.load() }
        );
    }
}

registry.category("actions").add("service_part_diagram", PartDiagramAction);
