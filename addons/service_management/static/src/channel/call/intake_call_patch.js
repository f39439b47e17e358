import { useState } from "@odoo/owl";
import { patch } from "@web/core/utils/patch";
import { IntakeAction } from "@service_management/order/intake/intake_action";

const MODEL = "service.order";

/** The phone form opened by a call: the caller is there, and saved, before a key is hit. */
patch(IntakeAction.prototype, {
    setup() {
        super.setup();
        this.caller = useState({ call: null, candidates: [] });
    },

    get callId() {
        return this.props.action.context?.service_call_id || false;
    },

    async resume() {
        const draftId = this.props.action.context?.service_draft_id;
        if (!this.callId && !draftId) {
            return super.resume();
        }
        await this.keepPrevious();
        if (draftId) {
            await this.openDraft(draftId);
        } else {
            await this.guard(() => this.openCall(this.callId));
        }
    },

    /** What the browser still holds of another call goes to the server first. */
    async keepPrevious() {
        const left = this.draft.restore();
        if (left?.isTouched && Object.keys(left.pending || {}).length) {
            await this.draft.flush().catch(() => {});
        }
        this.draft.reset();
    },

    async openCall(callId) {
        const found = await this.orm.call(MODEL, "intake_from_call", [callId]);
        this.caller.call = found.call;
        this.caller.candidates = found.candidates;
        if (found.order_id) {
            await this.openDraft(found.order_id);
        } else if (found.partner_id) {
            await this.takeCaller(found.partner_id);
        } else if (!found.candidates.length) {
            this.state.newCustomer = { name: "", phone: found.call.number };
        }
    },

    async takeCaller(partnerId) {
        await this.loadContext(partnerId);
        this.takeCustomer(false);
    },

    /** One of several who have this number. */
    chooseCandidate(partnerId) {
        return this.guard(() => this.takeCaller(partnerId));
    },

    takeCustomer(assetId) {
        super.takeCustomer(assetId);
        const { call } = this.caller;
        if (call) {
            this.caller.candidates = [];
            const phone = call.number || this.state.values.phone;
            this.state.values.phone = phone;
            // Saved without waiting for anybody to type
            this.draft.update({ call_id: call.id, phone });
        }
    },

    /** The call was about an order that exists: it is noted there. */
    async openOrder(id) {
        const { call } = this.caller;
        if (call) {
            await this.orm.call("service.call", "link_order", [[call.id], id]);
        }
        return super.openOrder(id);
    },

    reset() {
        super.reset();
        Object.assign(this.caller, { call: null, candidates: [] });
    },
});
