import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { ChecklistForm } from "@service_management/dispatch/checklist/checklist_form";
import { toBase64 } from "@service_management/dispatch/checklist/picture";

/** The checklist on the visit's form: each answer is kept at once, as on the phone. */
export class ChecklistField extends Component {
    static template = "service_management.ChecklistField";
    static components = { ChecklistForm };
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
    }

    get data() {
        return this.props.record.data[this.props.name] || { items: [], answers: {} };
    }

    getPhotos(key) {
        const ids = this.data.answers[key]?.photos || [];
        return ids.map((id) => `/web/image/${id}/160x160`);
    }

    async onAnswer(key, value, remark) {
        await this.call("answer_checklist", [key, value, remark]);
    }

    async onPicture(key, picture) {
        const data = picture instanceof Blob ? await toBase64(picture) : picture;
        await this.call("answer_checklist_picture", [key, data]);
    }

    async call(method, args) {
        const { record } = this.props;
        await this.orm.call(record.resModel, method, [[record.resId], ...args]);
        await record.save();
        await record.load();
    }
}

registry.category("fields").add("service_checklist", {
    component: ChecklistField,
    displayName: _t("Checklist"),
    supportedTypes: ["json"],
});
