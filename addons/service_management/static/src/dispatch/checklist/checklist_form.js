import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { evaluate, isBeyond, readNumber } from "./checklist_rules";
import { shrinkPhoto } from "./picture";
import { SignaturePad } from "./signature_pad";

/**
 * A checklist to fill in: asks what is to be asked as the answers come, marks numbers
 * out of their limits. It keeps nothing: each answer goes to `onAnswer`, and comes back
 * with the props.
 */
export class ChecklistForm extends Component {
    static template = "service_management.ChecklistForm";
    static components = { SignaturePad };
    static props = {
        items: Array,
        answers: Object,
        readonly: { type: Boolean, optional: true },
        onAnswer: Function, // (key, value, remark)
        onPicture: Function, // (key, Blob | base64)
        getPhotos: Function, // (key) => [url]
    };

    get rows() {
        const state = evaluate(this.props.items, this.props.answers);
        const asked = new Set(state.asked);
        return this.props.items
            .filter((item) => asked.has(item.key))
            .map((item) => {
                const answer = this.props.answers[item.key] || {};
                return {
                    ...item,
                    value: answer.value ?? null,
                    remark: answer.remark || "",
                    limits: this.getLimits(item),
                    isBeyond: isBeyond(item, answer.value),
                    isMissing: state.missing.includes(item.key),
                    asksRemark: state.beyond.includes(item.key),
                    needsRemark: state.remarks.includes(item.key),
                    isBlocking: state.blocking.includes(item.key),
                    options: this.getOptions(item),
                    photos: item.kind === "photo" ? this.props.getPhotos(item.key) : [],
                };
            });
    }

    get done() {
        const { asked, missing } = evaluate(this.props.items, this.props.answers);
        return _t("%(done)s of %(all)s", {
            done: asked.length - missing.length,
            all: asked.length,
        });
    }

    getOptions(item) {
        if (item.kind === "yes_no") {
            return [
                { key: "yes", label: _t("Yes") },
                { key: "no", label: _t("No") },
            ];
        }
        return item.choices;
    }

    getLimits(item) {
        const { minimum, maximum, unit } = item;
        if (minimum !== null && maximum !== null) {
            return _t("%(low)s to %(high)s %(unit)s", { low: minimum, high: maximum, unit });
        }
        if (minimum !== null) {
            return _t("at least %(low)s %(unit)s", { low: minimum, unit });
        }
        return maximum !== null ? _t("at most %(high)s %(unit)s", { high: maximum, unit }) : "";
    }

    onChoose(row, option) {
        if (!this.props.readonly) {
            this.props.onAnswer(row.key, row.value === option.key ? null : option.key, row.remark);
        }
    }

    onNumber(row, ev) {
        const value = readNumber(ev.target.value);
        ev.target.classList.toggle("is-invalid", value === null && ev.target.value.trim() !== "");
        if (value !== null || ev.target.value.trim() === "") {
            this.props.onAnswer(row.key, value, row.remark);
        }
    }

    onText(row, ev) {
        this.props.onAnswer(row.key, ev.target.value.trim() || null, row.remark);
    }

    onRemark(row, ev) {
        this.props.onAnswer(row.key, row.value, ev.target.value.trim());
    }

    async onFiles(row, ev) {
        const files = [...ev.target.files];
        ev.target.value = "";
        for (const file of files) {
            await this.props.onPicture(row.key, await shrinkPhoto(file));
        }
    }
}
