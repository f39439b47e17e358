import { Component, onWillStart, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { Layout } from "@web/search/layout";
import { useSetupAction } from "@web/search/action_hook";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { CoveragePanel } from "@service_management/agreement/coverage/coverage_panel";
import { Combobox } from "@service_management/core/combobox/combobox";
import { formatTime, formatWhen } from "./intake_format";
import { IntakeCustomer } from "./intake_customer";
import { IntakeDraft } from "./intake_draft";
import { IntakeNewCustomer } from "./intake_new_customer";

const MODEL = "service.order";
const HIT_ICONS = {
    phone: "fa-phone",
    name: "fa-user-o",
    serial: "fa-barcode",
    order: "fa-wrench",
    contract: "fa-file-text-o",
};
// What decides whether a contract covers the request.
const COVERAGE_FIELDS = ["asset_id", "type_id", "symptom_id", "priority"];
const BYPASS = { bypassEditableProtection: true };

function emptyValues() {
    return {
        asset_id: false,
        type_id: false,
        symptom_id: false,
        priority: "0",
        phone: "",
        date_preferred: "",
        description: "",
    };
}

/** The page of whoever answers the phone: one call, one order, no mouse. */
export class IntakeAction extends Component {
    static template = "service_management.IntakeAction";
    static components = { Combobox, CoveragePanel, IntakeCustomer, IntakeNewCustomer, Layout };
    static props = { ...standardActionServiceProps };
    static path = "phone-intake";
    static displayName = _t("Phone Intake");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.formatWhen = formatWhen;
        this.options = { types: [], faults: { symptom: [], condition: [] }, priorities: [] };
        this.state = useState({
            context: null,
            values: emptyValues(),
            newCustomer: null,
            duplicates: [],
            warranty: null,
            coverage: null,
            drafts: [],
            error: "",
            isBusy: false,
            registered: null,
        });
        this.draft = new IntakeDraft({
            save: (id, vals) => this.orm.silent.call(MODEL, "intake_save", [id, vals]),
            onSaved: (saved) => this.onSaved(saved),
            storageKey: `service_intake_${user.userId}`,
        });
        this.saving = useState(this.draft.state);
        this.nextCall = useRef("nextCall");
        this.root = useRef("root");

        onWillStart(() => this.start());
        onWillUnmount(() => this.draft.destroy());
        useSetupAction({ beforeLeave: () => this.draft.flush().catch(() => {}) });
        useEffect(
            (isRegistered) => {
                if (isRegistered) {
                    this.nextCall.el?.focus();
                } else if (this.state.context) {
                    this.focusSoon("[name='intake_type']");
                } else {
                    this.focusSearch();
                }
            },
            () => [Boolean(this.state.registered)]
        );
        useHotkey("control+enter", () => this.register(), BYPASS);
        useHotkey("alt+f", () => this.focusSearch(), BYPASS);
        useHotkey("alt+shift+n", () => this.putAside(), BYPASS);
        for (let digit = 0; digit <= 9; digit++) {
            useHotkey(`alt+${digit}`, () => this.chooseAssetByKey(digit), BYPASS);
        }
    }

    async start() {
        const [options, drafts] = await Promise.all([
            this.orm.call(MODEL, "intake_options", []),
            this.orm.call(MODEL, "intake_drafts", []),
        ]);
        this.options = options;
        this.state.drafts = drafts;
        Object.assign(this.state.values, this.defaultValues);
        await this.resume();
    }

    /** Go on where a reload, or a link to a draft, left off. */
    async resume() {
        const asked = this.props.resId;
        const left = this.draft.restore();
        const pending = left?.pending || {};
        const id = asked || left?.id || false;
        if (asked && left && left.id !== asked) {
            this.draft.reset();
        }
        if (id) {
            await this.openDraft(id, left?.id === id ? pending : {});
        } else if (pending.partner_id) {
            await this.loadContext(pending.partner_id);
            Object.assign(this.state.values, pickKnown(pending));
            if (left.isTouched) {
                this.draft.update({});
            }
        }
    }

    // Getters of the page

    get defaultValues() {
        const { types } = this.options;
        const type = types.find((candidate) => candidate.code === "repair") || types[0];
        return type ? { type_id: type.id, priority: type.priority || "0" } : {};
    }
    get type() {
        return this.options.types.find((type) => type.id === this.state.values.type_id);
    }
    get asset() {
        const id = this.state.values.asset_id;
        return this.state.context?.assets.find((asset) => asset.id === id);
    }
    get symptoms() {
        const categories = new Set(this.asset?.category_ids || []);
        return this.options.faults.symptom.filter(
            (code) =>
                !this.asset ||
                !code.category_ids.length ||
                code.category_ids.some((id) => categories.has(id))
        );
    }
    get symptomName() {
        const id = this.state.values.symptom_id;
        const code = this.options.faults.symptom.find((symptom) => symptom.id === id);
        return code ? `${code.code} ${code.name}` : "";
    }
    get canRegister() {
        return Boolean(this.state.context) && !this.state.isBusy && !this.state.registered;
    }
    get savingText() {
        const { status, time, message } = this.saving;
        switch (status) {
            case "dirty":
            case "saving":
                return _t("Saving…");
            case "saved":
                return _t("Saved %s", formatTime(time));
            case "error":
                return _t("Not saved: %s", message);
        }
        return "";
    }

    // Search

    focusSearch() {
        this.searchInput?.el?.focus();
    }

    async searchCustomers(term) {
        const hits = await this.orm.silent.call(MODEL, "intake_search", [term]);
        const options = hits.map((hit) => ({
            key: `${hit.match}_${hit.partner_id}`,
            label: hit.name,
            detail: [hit.detail, hit.city].filter(Boolean).join(" · "),
            icon: HIT_ICONS[hit.match],
            hint: this.hitHints[hit.match],
            hit,
        }));
        options.push({
            key: "new",
            label: _t("New customer: %s", term),
            icon: "fa-plus",
            hint: "",
            term,
        });
        return options;
    }

    get hitHints() {
        return {
            phone: _t("Phone"),
            name: _t("Name"),
            serial: _t("Serial number"),
            order: _t("Order"),
            contract: _t("Contract"),
        };
    }

    async onHit(option) {
        this.state.registered = null;
        if (!option.hit) {
            this.askNewCustomer(option.term);
            return;
        }
        const { hit } = option;
        await this.guard(async () => {
            await this.loadContext(hit.partner_id);
            this.takeCustomer(hit.asset_id);
        });
    }

    askNewCustomer(term) {
        const isPhone = /^[\d\s+()-]{4,}$/.test(term);
        this.state.context = null;
        this.state.newCustomer = { name: isPhone ? "" : term, phone: isPhone ? term : "" };
    }

    async createCustomer(vals) {
        await this.guard(async () => {
            const context = await this.orm.call(MODEL, "intake_new_customer", [vals]);
            this.setContext(context);
            this.takeCustomer(false);
        });
    }

    async loadContext(partnerId) {
        this.setContext(await this.orm.call(MODEL, "intake_context", [partnerId]));
    }

    setContext(context) {
        this.state.context = context;
        this.state.newCustomer = null;
        this.state.error = "";
    }

    /** The customer of this call is known now: start with what follows from it. */
    takeCustomer(assetId) {
        const { partner, assets } = this.state.context;
        const only = assets.length === 1 ? assets[0].id : false;
        Object.assign(this.state.values, {
            phone: partner.phone,
            asset_id: assetId || only,
        });
        this.state.duplicates = [];
        const { type_id, priority, phone, asset_id } = this.state.values;
        this.draft.stage({ partner_id: partner.id, type_id, priority, phone, asset_id });
        this.loadCoverage();
        this.focusSoon(
            assets.length > 1 && !asset_id ? "[name='intake_asset']" : "[name='intake_type']"
        );
    }

    focusSoon(selector) {
        // After the customer's panels are drawn.
        setTimeout(() => this.root.el?.querySelector(selector)?.focus());
    }

    // Request

    change(name, value) {
        this.state.values[name] = value;
        this.state.error = "";
        this.draft.update({ [name]: value });
        if (COVERAGE_FIELDS.includes(name)) {
            this.loadCoverage();
        }
    }

    /** What covers the request as it stands, before anybody promises anything. */
    async loadCoverage() {
        const { partner } = this.state.context || {};
        if (!partner) {
            return;
        }
        const asked = { partner_id: partner.id };
        for (const name of COVERAGE_FIELDS) {
            asked[name] = this.state.values[name];
        }
        const question = JSON.stringify(asked);
        this.question = question;
        try {
            const coverage = await this.orm.silent.call(MODEL, "intake_coverage", [asked]);
            // An answer to what was asked before is no answer any more
            if (this.question === question) {
                this.state.coverage = coverage;
            }
        } catch {
            // The call goes on without it; registering decides all the same
            this.state.coverage = null;
        }
    }

    chooseAsset(id) {
        this.change("asset_id", id);
        const { symptom_id } = this.state.values;
        if (symptom_id && !this.symptoms.some((code) => code.id === symptom_id)) {
            this.change("symptom_id", false);
        }
    }

    chooseAssetByKey(digit) {
        const assets = this.state.context?.assets || [];
        if (digit === 0 && this.state.context) {
            this.chooseAsset(false);
        } else if (assets[digit - 1]) {
            this.chooseAsset(assets[digit - 1].id);
        }
    }

    searchSymptoms(term) {
        const needle = term.toLowerCase();
        const isChosen = term === this.symptomName;
        return this.symptoms
            .filter(
                (code) => isChosen || `${code.code} ${code.name}`.toLowerCase().includes(needle)
            )
            .slice(0, 50)
            .map((code) => ({ key: code.id, label: `${code.code} ${code.name}` }));
    }

    onTypeChange(ev) {
        this.change("type_id", Number(ev.target.value) || false);
        if (this.type) {
            this.change("priority", this.type.priority || this.state.values.priority);
        }
    }

    onSaved(saved) {
        this.state.duplicates = saved.duplicates;
        this.state.warranty = saved.warranty;
        this.state.coverage = saved.coverage;
        this.props.updateActionState?.({ resId: saved.id });
    }

    // Drafts

    async openDraft(id, pending = {}) {
        await this.guard(async () => {
            const { order, values, context } = await this.orm.call(MODEL, "intake_load", [id]);
            const kept = { ...pending };
            if (this.draft.id !== id) {
                this.draft.reset(id);
            }
            this.state.registered = null;
            if (context) {
                this.setContext(context);
            }
            Object.assign(this.state.values, pickKnown(values), pickKnown(kept));
            this.onSaved(order);
            if (Object.keys(kept).length) {
                this.draft.update(kept);
            }
            this.focusSoon("[name='intake_type']");
        });
        if (this.state.error) {
            // Registered or gone meanwhile: begin a new call, say why.
            const { error } = this.state;
            this.reset();
            this.state.error = error;
        }
    }

    async putAside() {
        await this.guard(() => this.draft.flush());
        if (!this.state.error) {
            await this.startNext();
        }
    }

    async discard() {
        await this.guard(async () => {
            if (this.draft.id) {
                await this.orm.call(MODEL, "intake_discard", [this.draft.id]);
            }
            await this.startNext();
        });
    }

    reset() {
        this.draft.reset();
        Object.assign(this.state, {
            context: null,
            values: { ...emptyValues(), ...this.defaultValues },
            newCustomer: null,
            duplicates: [],
            warranty: null,
            coverage: null,
            error: "",
            registered: null,
        });
        this.question = null;
        this.props.updateActionState?.({ resId: false });
    }

    async startNext() {
        this.reset();
        this.focusSearch();
        this.state.drafts = await this.orm.silent.call(MODEL, "intake_drafts", []);
    }

    // Register

    async register() {
        if (!this.canRegister) {
            return;
        }
        this.draft.update({});
        await this.guard(async () => {
            const { partner } = this.state.context;
            if (!this.draft.id) {
                this.draft.update({ partner_id: partner.id });
            }
            await this.draft.flush();
            const order = await this.orm.call(MODEL, "intake_register", [this.draft.id]);
            const customer = partner.name;
            this.reset();
            this.state.registered = { ...order, customer };
        });
    }

    /** Run one step of the call; what goes wrong is said on the page itself. */
    async guard(step) {
        this.state.isBusy = true;
        this.state.error = "";
        try {
            await step();
        } catch (error) {
            this.state.error =
                error.data?.message || error.message || _t("The server cannot be reached.");
        } finally {
            this.state.isBusy = false;
        }
    }

    openOrder(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: MODEL,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openPartner(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

/** Those of the values that the page shows. */
function pickKnown(values) {
    const known = Object.keys(emptyValues());
    return Object.fromEntries(Object.entries(values).filter(([name]) => known.includes(name)));
}

registry.category("actions").add("service_intake", IntakeAction);
