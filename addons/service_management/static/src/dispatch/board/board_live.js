import { browser } from "@web/core/browser/browser";

const CHANNEL = "service_board";
const EVENT = "service_board/changed";
// Changes are gathered before they are read, so that a busy day is no storm of reads.
const GATHER = 300;
const PAUSE = 1500;
const MANY = 200;
// A page that was out of sight for so long reads everything anew.
const STALE = 5 * 60 * 1000;

/**
 * Hears what others change. The bus tells ids only; they are read with the rights of
 * the user, a few at a time, and not while the page is out of sight.
 */
export class BoardLive {
    /**
     * @param {Object} params
     * @param {string} params.token names this board: its own changes are known to it
     * @param {(orderIds: number[]) => Promise} params.read
     * @param {() => Promise} params.refresh
     */
    constructor({ token, read, refresh }) {
        this.token = token;
        this.read = read;
        this.refresh = refresh;
        this.orderIds = new Set();
        this.lastRead = 0;
        this.seenAt = Date.now();
        this.onChanged = this.onChanged.bind(this);
        this.onReconnect = () => this.all();
        this.onVisibility = this.onVisibility.bind(this);
    }

    use(bus) {
        this.bus = bus;
        bus.addChannel(CHANNEL);
        bus.subscribe(EVENT, this.onChanged);
        bus.addEventListener("BUS:RECONNECT", this.onReconnect);
        document.addEventListener("visibilitychange", this.onVisibility);
    }

    stop() {
        this.isStopped = true;
        browser.clearTimeout(this.timer);
        if (!this.bus) {
            return;
        }
        this.bus.unsubscribe(EVENT, this.onChanged);
        this.bus.removeEventListener("BUS:RECONNECT", this.onReconnect);
        this.bus.deleteChannel(CHANNEL);
        document.removeEventListener("visibilitychange", this.onVisibility);
    }

    onChanged({ order_ids: orderIds, board }) {
        if (board === this.token) {
            return;
        }
        if (!orderIds) {
            this.all();
            return;
        }
        orderIds.forEach((id) => this.orderIds.add(id));
        this.plan();
    }

    /** Something was missed: everything is read. */
    all() {
        this.isAll = true;
        this.plan();
    }

    onVisibility() {
        if (document.hidden) {
            this.seenAt = Date.now();
            return;
        }
        this.isAll = this.isAll || Date.now() - this.seenAt > STALE;
        this.plan();
    }

    plan() {
        if (this.timer || this.isStopped || document.hidden) {
            return;
        }
        if (!this.isAll && !this.orderIds.size) {
            return;
        }
        const wait = Math.max(GATHER, this.lastRead + PAUSE - Date.now());
        this.timer = browser.setTimeout(() => this.run(), wait);
    }

    async run() {
        const orderIds = [...this.orderIds];
        const isAll = this.isAll || orderIds.length > MANY;
        this.orderIds.clear();
        this.isAll = false;
        try {
            await (isAll ? this.refresh() : this.read(orderIds));
        } catch {
            // The connection is gone: when it is back, everything is read
            this.isAll = true;
        } finally {
            this.lastRead = Date.now();
            this.timer = null;
        }
        if (!this.isAll) {
            this.plan();
        }
    }
}
