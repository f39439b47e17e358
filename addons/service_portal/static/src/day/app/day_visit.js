import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { ChecklistForm } from "@service_management/dispatch/checklist/checklist_form";
import { evaluate } from "@service_management/dispatch/checklist/checklist_rules";
import { shrinkPhoto } from "@service_management/dispatch/checklist/picture";
import { SignaturePad } from "@service_management/dispatch/checklist/signature_pad";
import { DayParts } from "./day_parts";
import {
    date,
    findPosition,
    getNavigationUrl,
    getStateLabel,
    moment,
    STATE_COLORS,
    time,
} from "./day_format";
import { RESULT_LABELS } from "./day_labels";

const CODES = ["section_id", "defect_id", "repair_code_id"];

/** One visit: who, where and what; the steps, the checklist, parts and the result. */
export class DayVisit extends Component {
    static template = "service_portal.DayVisit";
    static components = { ChecklistForm, DayParts, SignaturePad };
    static props = { store: Object, visit: Object, onBack: Function };

    setup() {
        this.ui = useState({
            isBusy: false,
            signedBy: this.visit.result.signed_by || "",
            code: "",
        });
        this.urls = new Map();
    }

    get visit() {
        return this.props.visit;
    }

    get store() {
        return this.props.store;
    }

    get isOpen() {
        return this.visit.state !== "done";
    }

    get head() {
        const { visit } = this;
        // What the device has kept since before it was told has none of it
        const asset = visit.asset || {};
        return {
            place: asset.place || "",
            partOf: asset.part_of || "",
            assetNote: asset.note || "",
            components: asset.components || [],
            properties: asset.properties || [],
            when: `${moment(visit.start)} – ${time(visit.end)}`,
            label: getStateLabel(visit.state),
            color: STATE_COLORS[visit.state],
            due: moment(visit.due),
            sms: `sms:${visit.phone}`,
            tel: `tel:${visit.phone}`,
            way: getNavigationUrl(visit),
            // Most titles end with it already
            serial: visit.order.title.includes(visit.order.serial) ? "" : visit.order.serial,
            install: date(visit.order.install_date),
            history: visit.history.map((entry) => ({ ...entry, day: date(entry.date) })),
            notes: visit.notes.map((note) => ({ ...note, day: moment(note.date) })),
        };
    }

    // The steps

    get step() {
        return {
            planned: { kind: "en_route", label: _t("On my way"), icon: "fa-car" },
            en_route: { kind: "on_site", label: _t("I have arrived"), icon: "fa-map-marker" },
            on_site: { kind: "done", label: _t("Finish the visit"), icon: "fa-check" },
        }[this.visit.state];
    }

    /** Why the visit cannot be finished yet, in the words of the page. */
    get missing() {
        const { checklist, result } = this.visit;
        const missing = result.outcome ? [] : [RESULT_LABELS.outcome()];
        if (!checklist || result.needs_next_visit || result.outcome === "not_fixed") {
            return missing;
        }
        const state = evaluate(checklist.items, checklist.answers);
        const keys = new Set([...state.missing, ...state.remarks, ...state.blocking]);
        const items = checklist.items.filter((item) => keys.has(item.key));
        return [...missing, ...items.map((item) => item.label)];
    }

    get missingText() {
        return _t("Still missing (%s):", this.missing.length);
    }

    async onStep() {
        const { kind } = this.step;
        this.ui.isBusy = true;
        const position = await findPosition();
        this.ui.isBusy = false;
        const values = position ? { position } : {};
        if (kind === "done") {
            // Parts that the server has not taken yet: without them it is not this report
            const waiting = this.visit.parts.filter((part) => part.operation);
            values.parts = waiting.map((part) => part.operation);
        }
        await this.store.do(kind, this.visit.id, values);
    }

    // The checklist

    async onAnswer(key, value, remark) {
        const { version, answers } = this.visit.checklist;
        const before = answers[key] || {};
        const base = { value: before.value ?? null, remark: before.remark || "" };
        const values = { key, version, value, remark: remark || "", base };
        await this.store.do("answer", this.visit.id, values);
    }

    async onPicture(key, picture) {
        const values = { key, version: this.visit.checklist.version };
        if (picture instanceof Blob) {
            await this.store.do("photo", this.visit.id, values, picture);
        } else {
            const signed = { ...values, signature: picture };
            await this.store.do("answer_signature", this.visit.id, signed);
        }
    }

    getPhotos(key) {
        const kept = this.visit.checklist?.answers[key]?.photos || [];
        const base = `/my/service/day/visits/${this.visit.id}/photos`;
        return [...kept.map((id) => `${base}/${id}`), ...this.getLocalPhotos(key)];
    }

    getLocalPhotos(key) {
        return this.store
            .getOperations(this.visit.id)
            .filter(({ kind, values }) => kind === "photo" && (values.key || "") === key)
            .map((operation) => {
                if (!this.urls.has(operation.id)) {
                    this.urls.set(operation.id, URL.createObjectURL(operation.blob));
                }
                return this.urls.get(operation.id);
            });
    }

    async onPhotos(ev) {
        const files = [...ev.target.files];
        ev.target.value = "";
        for (const file of files) {
            await this.store.do("photo", this.visit.id, {}, await shrinkPhoto(file));
        }
    }

    // The result

    get codes() {
        const lists = this.store.state.lists.codes[this.visit.codes] || {};
        return CODES.map((name) => ({
            name,
            label: RESULT_LABELS[name](),
            options: lists[name] || [],
            value: this.visit.result[name] || "",
        })).filter((code) => code.options.length);
    }

    async set(name, value) {
        const before = this.visit.result[name];
        if ((before || "") === (value || "")) {
            return;
        }
        const values = { values: { [name]: value }, base: { [name]: before } };
        await this.store.do("set", this.visit.id, values);
    }

    onCode(name, ev) {
        return this.set(name, Number(ev.target.value) || false);
    }

    async onSign(signature) {
        const signed_by = this.ui.signedBy.trim();
        if (signed_by) {
            await this.store.do("sign", this.visit.id, { signed_by, signature });
        }
    }

    async onConfirm() {
        const code = this.ui.code.trim();
        this.ui.code = "";
        if (code) {
            await this.store.do("confirm", this.visit.id, { code });
        }
    }
}
