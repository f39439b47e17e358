import { reactive } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { Mutex } from "@web/core/utils/concurrency";

const DELAY = 800;
const RETRY = 5000;

/**
 * Keeps what is typed in the phone form: a copy in the browser's session at once,
 * on the server soon after. Calls never overlap, so that one call makes one draft.
 *
 * @param {Object} params
 * @param {(id: number | false, vals: Object) => Promise<Object>} params.save
 * @param {(saved: Object) => void} params.onSaved
 * @param {string} params.storageKey
 */
export class IntakeDraft {
    constructor({ save, onSaved, storageKey }) {
        this.saveOnServer = save;
        this.onSaved = onSaved;
        this.storageKey = storageKey;
        this.mutex = new Mutex();
        this.timer = null;
        this.state = reactive({ status: "empty", time: null, message: "" });
        this.begin(false);
    }

    begin(id) {
        this.id = id;
        this.pending = {};
        this.isTouched = Boolean(id);
        this.sourceKey = newKey();
        Object.assign(this.state, { status: "empty", time: null, message: "" });
    }

    /** Forget this call, also in the browser; go on with the draft `id`, if any. */
    reset(id = false) {
        browser.clearTimeout(this.timer);
        browser.sessionStorage.removeItem(this.storageKey);
        this.begin(id);
    }

    /** Take values that alone are no reason to make a draft: who is calling. */
    stage(vals) {
        Object.assign(this.pending, vals);
        this.store();
        if (this.id) {
            this.update({});
        }
    }

    /** Take changes; they are stored here at once and on the server soon. */
    update(vals) {
        this.isTouched = true;
        Object.assign(this.pending, vals);
        this.store();
        this.state.status = "dirty";
        this.schedule(DELAY);
    }

    schedule(delay) {
        browser.clearTimeout(this.timer);
        // A refusal is repeated by `schedule` itself, there is nobody to tell.
        this.timer = browser.setTimeout(() => this.flush().catch(() => {}), delay);
    }

    /** Resolves when everything taken so far is on the server. */
    flush() {
        browser.clearTimeout(this.timer);
        return this.mutex.exec(() => this.saveNow());
    }

    async saveNow() {
        const vals = this.pending;
        if (!Object.keys(vals).length || (!this.id && !vals.partner_id)) {
            return;
        }
        this.pending = {};
        this.state.status = "saving";
        try {
            const key = this.id ? {} : { source_key: this.sourceKey };
            const saved = await this.saveOnServer(this.id, { ...vals, ...key });
            this.id = saved.id;
            const isDirty = Object.keys(this.pending).length;
            Object.assign(this.state, {
                status: isDirty ? "dirty" : "saved",
                time: luxon.DateTime.now(),
                message: "",
            });
            this.store();
            this.onSaved(saved);
        } catch (error) {
            this.pending = { ...vals, ...this.pending };
            this.state.status = "error";
            this.state.message = error.data?.message || error.message || "";
            if (!error.data) {
                // Not refused but not reached: try again by itself.
                this.schedule(RETRY);
            }
            throw error;
        }
    }

    // What a reload of the page must not lose.

    store() {
        const left = {
            id: this.id,
            sourceKey: this.sourceKey,
            pending: this.pending,
            isTouched: this.isTouched,
        };
        browser.sessionStorage.setItem(this.storageKey, JSON.stringify(left));
    }

    /** @returns {{ id: number | false, pending: Object, isTouched: boolean } | null} */
    restore() {
        try {
            const left = JSON.parse(browser.sessionStorage.getItem(this.storageKey));
            if (left) {
                this.id = left.id;
                this.sourceKey = left.sourceKey;
                this.pending = left.pending;
                this.isTouched = left.isTouched;
            }
            return left;
        } catch {
            return null;
        }
    }

    destroy() {
        browser.clearTimeout(this.timer);
    }
}

function newKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
