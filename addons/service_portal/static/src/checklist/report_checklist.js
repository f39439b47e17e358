import { Component, useState } from "@odoo/owl";
import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { ChecklistForm } from "@service_management/dispatch/checklist/checklist_form";
import { toBase64 } from "@service_management/dispatch/checklist/picture";

/** The checklist on the report of a service point: each answer is kept at once. */
export class ReportChecklist extends Component {
    static template = "service_portal.ReportChecklist";
    static components = { ChecklistForm };
    static props = { url: String, checklist: Object };

    setup() {
        this.state = useState({ checklist: this.props.checklist, error: "" });
    }

    getPhotos(key) {
        const ids = this.state.checklist.answers[key]?.photos || [];
        return ids.map((id) => `${this.props.url}/photos/${id}`);
    }

    onAnswer(key, value, remark) {
        return this.send({ key, value, remark });
    }

    async onPicture(key, picture) {
        const data = picture instanceof Blob ? await toBase64(picture) : picture;
        await this.send({ key, picture: data });
    }

    async send(params) {
        const answer = await rpc(`${this.props.url}/answer`, params);
        this.state.error = answer.error || "";
        if (!answer.error) {
            this.state.checklist = answer;
        }
    }
}

registry.category("public_components").add("service_portal.checklist", ReportChecklist);
