import { Component, onWillUnmount, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { MainComponentsContainer } from "@web/core/main_components_container";
import { wipe } from "../store/day_db";
import { DayIssues } from "./day_issues";
import { DayVisit } from "./day_visit";
import { day, daysFromToday, getStateLabel, moment, STATE_COLORS, time } from "./day_format";

// The map is a component of the back office; the page does without where it is missing
const getMap = () =>
    odoo.loader.modules.get("@service_management/network/service_map/service_map")?.ServiceMap;

/** The technician's days: a list or a map, and one visit at a time. */
export class DayApp extends Component {
    static template = "service_portal.DayApp";
    static components = { DayIssues, DayVisit, MainComponentsContainer };
    static props = { store: Object };

    setup() {
        this.store = this.props.store;
        this.data = useState(this.store.state);
        this.ui = useState({
            tab: "today",
            asMap: false,
            visitId: this.readHash(),
            isLeaving: false,
        });
        this.Map = getMap();
        const onHash = () => (this.ui.visitId = this.readHash());
        window.addEventListener("hashchange", onHash);
        onWillUnmount(() => window.removeEventListener("hashchange", onHash));
    }

    readHash() {
        return Number(/^#visit-(\d+)$/.exec(window.location.hash)?.[1]) || null;
    }

    // What is shown

    get tabs() {
        const visits = this.visits;
        const count = (tab) => visits.filter((visit) => this.isIn(visit, tab)).length;
        return [
            { key: "today", label: _t("Today") },
            { key: "tomorrow", label: _t("Tomorrow") },
            { key: "week", label: _t("Week") },
        ].map((tab) => ({ ...tab, count: count(tab.key) }));
    }

    get visits() {
        // Read here, so that every change of them is seen
        void this.data.visits;
        void this.data.queue.length;
        return this.store.visits;
    }

    isIn(visit, tab) {
        const days = daysFromToday(visit.start);
        if (tab === "today") {
            return days <= 0;
        }
        return tab === "tomorrow" ? days === 1 : days > 0;
    }

    get rows() {
        let last = null;
        return this.visits
            .filter((visit) => this.isIn(visit, this.ui.tab))
            .map((visit) => {
                const title = day(visit.start);
                const row = {
                    ...visit,
                    time: `${time(visit.start)} – ${time(visit.end)}`,
                    heading: title === last ? "" : title,
                    color: STATE_COLORS[visit.state] || "secondary",
                    label: getStateLabel(visit.state) || visit.state_label,
                    dueText: moment(visit.due),
                    isLate: visit.due && visit.state !== "done" && new Date(visit.due) < new Date(),
                    waiting: this.store
                        .getOperations(visit.id)
                        .filter((operation) => !operation.answer).length,
                };
                last = title;
                return row;
            });
    }

    /** Times of standing by on the days of the tab that are not over. */
    get standbys() {
        const now = new Date();
        return (this.data.lists.standbys || [])
            .filter((standby) => new Date(standby.end) > now && this.isIn(standby, this.ui.tab))
            .map((standby) => ({
                ...standby,
                title: standby.place ? _t("Stand by at %s", standby.place) : _t("On call"),
                time:
                    daysFromToday(standby.start) === daysFromToday(standby.end)
                        ? `${time(standby.start)} – ${time(standby.end)}`
                        : `${moment(standby.start)} – ${moment(standby.end)}`,
            }));
    }

    get visit() {
        void this.data.queue.length;
        void this.data.visits;
        return this.ui.visitId && this.store.getVisit(this.ui.visitId);
    }

    get sync() {
        const waiting = this.data.queue.filter((operation) => !operation.answer).length;
        const last = this.data.lastSync ? moment(this.data.lastSync) : _t("never");
        return {
            waiting,
            waitingText: waiting === 1 ? _t("1 change waiting") : _t("%s changes waiting", waiting),
            lastText: _t("Last synchronised: %s", last),
            isOnline: this.data.isOnline,
        };
    }

    get removed() {
        const reasons = {
            reassigned: _t("was given to somebody else"),
            cancelled: _t("was cancelled"),
            deleted: _t("was taken off the plan"),
        };
        return this.data.removed.map((row) => ({ ...row, text: reasons[row.reason] }));
    }

    // The map

    get markers() {
        return this.rows
            .filter((visit) => visit.position)
            .map((visit) => ({
                id: visit.id,
                lat: visit.position[0],
                lng: visit.position[1],
                kind: "order",
                label: `${visit.time} ${visit.customer}`,
                color: visit.state === "done" ? "#2e7d32" : "#1565c0",
            }));
    }

    get lines() {
        const points = this.markers.map(({ lat, lng }) => [lat, lng]);
        return points.length > 1 ? [{ id: "way", points, color: "#1565c0" }] : [];
    }

    // What is done

    onOpen(visitId) {
        window.location.hash = `visit-${visitId}`;
    }

    onBack() {
        window.location.hash = "";
    }

    onReload() {
        navigator.serviceWorker
            ?.getRegistration()
            .then((worker) => worker?.update())
            .finally(() => window.location.reload());
    }

    get loginUrl() {
        return `/web/login?redirect=${encodeURIComponent("/my/service/day")}`;
    }

    onLogout() {
        if (this.sync.waiting) {
            this.ui.isLeaving = true;
        } else {
            this.leave();
        }
    }

    async leave() {
        this.store.db.close();
        await wipe();
        window.location.href = "/web/session/logout?redirect=/web/login";
    }
}
