import { reactive, toRaw } from "@odoo/owl";
import { DayDb } from "./day_db";
import { overlay } from "./day_overlay";
import { DayServer, OfflineError, SessionError } from "./day_server";

const BATCH = 30;
const EVERY = 60_000;
const RETRY = [5_000, 15_000, 60_000];

function makeId() {
    if (crypto.randomUUID) {
        return crypto.randomUUID();
    }
    const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
    return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The technician's visits and what was done on them, kept on the device.
 *
 * Everything done is first kept in the queue (`do`), then sent in its order. An
 * operation leaves the queue when the server has said how it ended and the visit has
 * been read again, so nothing jumps back on the screen. What the server did not take
 * becomes an issue that a person settles.
 */
export class DayStore {
    constructor(session) {
        this.session = session;
        this.db = new DayDb(session.user_id);
        this.server = new DayServer(session);
        this.failures = 0;
        this.state = reactive({
            visits: {},
            queue: [],
            issues: [],
            removed: [],
            lists: { outcomes: [], codes: {}, stock: {} },
            lastSync: null,
            isOnline: navigator.onLine,
            isSyncing: false,
            needsLogin: false,
            isOutdated: false,
            error: "",
        });
    }

    async start() {
        await this.db.open();
        const [visits, queue, issues, meta] = await Promise.all([
            this.db.all("visits"),
            this.db.all("queue"),
            this.db.all("issues"),
            this.db.get("meta", "state"),
        ]);
        this.state.visits = Object.fromEntries(visits.map((visit) => [visit.id, visit]));
        this.state.queue = queue;
        this.state.issues = issues;
        Object.assign(this.state, meta || {});
        window.addEventListener("online", () => this.sync());
        window.addEventListener("offline", () => (this.state.isOnline = false));
        document.addEventListener("visibilitychange", () => {
            if (document.visibilityState === "visible") {
                this.sync();
            }
        });
        this.schedule(EVERY);
    }

    // What is shown

    get waiting() {
        return this.state.queue.filter((operation) => !operation.answer);
    }

    getVisit(id) {
        const visit = this.state.visits[id];
        return visit && overlay(visit, this.getOperations(id));
    }

    getOperations(id) {
        return this.state.queue.filter((operation) => operation.visit_id === id);
    }

    get visits() {
        const ids = Object.keys(this.state.visits).map(Number);
        return ids
            .map((id) => this.getVisit(id))
            .sort((a, b) => a.start.localeCompare(b.start) || a.id - b.id);
    }

    // What is done

    /** Keep an operation and send it as soon as there is a network. */
    async do(kind, visitId, values = {}, blob = null) {
        const operation = {
            id: makeId(),
            kind,
            visit_id: visitId,
            date: new Date().toISOString(),
            values: JSON.parse(JSON.stringify(values)),
            ...(blob ? { blob } : {}),
        };
        let request;
        await this.db.change(["queue"], ({ queue }) => {
            request = queue.add(operation);
        });
        this.state.queue.push({ ...operation, seq: request.result });
        this.sync();
    }

    // Sending

    schedule(delay) {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.sync(), delay);
    }

    /** Send what waits and read what is new; one at a time, also across tabs. */
    async sync() {
        if (this.state.isSyncing) {
            this.isAsked = true;
            return;
        }
        this.state.isSyncing = true;
        let delay = EVERY;
        try {
            const run = () => this.exchange();
            await (navigator.locks ? navigator.locks.request("service_day_sync", run) : run());
            this.failures = 0;
            Object.assign(this.state, { isOnline: true, needsLogin: false, error: "" });
        } catch (error) {
            delay = RETRY[Math.min(this.failures++, RETRY.length - 1)];
            this.state.isOnline = !(error instanceof OfflineError);
            this.state.needsLogin = error instanceof SessionError;
            const isKnown = !this.state.isOnline || this.state.needsLogin;
            this.state.error = isKnown ? "" : error.message || "?";
        } finally {
            this.state.isSyncing = false;
        }
        this.schedule(delay);
        if (this.isAsked) {
            this.isAsked = false;
            await this.sync();
        }
    }

    async exchange() {
        while (this.waiting.length) {
            await this.sendNext();
            if (this.state.isOutdated) {
                break;
            }
        }
        await this.pull();
    }

    /** The next operations that go together: a photo alone, others in a batch. */
    async sendNext() {
        const [first] = this.waiting;
        if (first.kind === "photo") {
            await this.settle([first], [await this.server.sendPhoto(strip(first), first.blob)]);
            return;
        }
        const end = this.waiting.findIndex((operation) => operation.kind === "photo");
        const batch = this.waiting.slice(0, Math.min(end < 0 ? BATCH : end, BATCH));
        const answer = await this.server.sync(batch.map(strip));
        if (answer.outdated) {
            this.state.isOutdated = true;
            return;
        }
        await this.settle(batch, answer.results);
    }

    /** Keep how each operation ended; what was not taken is sent again later. */
    async settle(batch, answers) {
        let failed = null;
        const ended = [];
        const issues = [];
        batch.forEach((operation, index) => {
            const answer = answers[index];
            if (!answer || answer.state === "error" || answer.state === "held") {
                failed = failed || answer?.message || "?";
                return;
            }
            ended.push({ ...toRaw(operation), answer: answer.state });
            if (answer.state !== "applied") {
                issues.push({ ...strip(operation), ...answer, id: operation.id });
            }
        });
        await this.db.change(["queue", "issues"], (stores) => {
            ended.forEach((operation) => stores.queue.put(operation));
            issues.forEach((issue) => stores.issues.put(issue));
        });
        const byId = Object.fromEntries(ended.map((operation) => [operation.id, operation]));
        this.state.queue = this.state.queue.map((operation) => byId[operation.id] || operation);
        this.state.issues.push(...issues);
        if (failed) {
            throw new Error(failed);
        }
    }

    // Reading

    async pull() {
        const known = Object.fromEntries(
            Object.values(this.state.visits).map((visit) => [visit.id, visit.digest])
        );
        const answer = await this.server.pull(known, this.state.lists.digest || "");
        if (answer.user_id !== this.session.user_id) {
            // Somebody else has signed in: the page has to be theirs
            window.location.reload();
            return;
        }
        const removed = answer.removed
            .filter((row) => row.reason !== "past")
            .map((row) => ({ ...row, name: this.state.visits[row.id]?.name }));
        const ended = this.state.queue.filter((operation) => operation.answer);
        const meta = {
            lastSync: new Date().toISOString(),
            removed: [...this.state.removed, ...removed],
            lists: answer.lists || this.state.lists,
        };
        await this.db.change(["visits", "queue", "meta"], (stores) => {
            answer.visits.forEach((visit) => stores.visits.put(visit));
            answer.removed.forEach((row) => stores.visits.delete(row.id));
            ended.forEach((operation) => stores.queue.delete(operation.seq));
            stores.meta.put(JSON.parse(JSON.stringify(meta)), "state");
        });
        const visits = { ...this.state.visits };
        answer.visits.forEach((visit) => (visits[visit.id] = visit));
        answer.removed.forEach((row) => delete visits[row.id]);
        const gone = new Set(ended.map((operation) => operation.seq));
        this.state.queue = this.state.queue.filter((operation) => !gone.has(operation.seq));
        Object.assign(this.state, meta, {
            visits,
            isOutdated: this.state.isOutdated || answer.version !== this.session.version,
        });
    }

    // What a person settles

    /** Send again what the server has not taken, as it is wished now. */
    async retryIssue(issue, values) {
        // In this order: whatever happens in between, the choice is kept
        await this.do(issue.kind, issue.visit_id, values);
        await this.dropIssue(issue);
    }

    async keepIssue(issue) {
        await this.db.change(["issues"], ({ issues }) => issues.put(issue));
        this.state.issues = [...this.state.issues, issue];
    }

    async dropIssue(issue) {
        await this.db.change(["issues"], ({ issues }) => issues.delete(issue.id));
        this.state.issues = this.state.issues.filter((other) => other.id !== issue.id);
    }

    async dropRemoved() {
        this.state.removed = [];
        const { lastSync, lists } = this.state;
        const meta = JSON.parse(JSON.stringify({ lastSync, lists, removed: [] }));
        await this.db.change(["meta"], (stores) => stores.meta.put(meta, "state"));
    }
}

/** An operation without what the server has no use for. */
function strip({ id, kind, visit_id, date, values }) {
    return { id, kind, visit_id, date, values: JSON.parse(JSON.stringify(values)) };
}
