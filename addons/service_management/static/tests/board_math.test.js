import { describe, expect, test } from "@odoo/hoot";
import {
    BoardStore,
    distance,
    estimateTravel,
} from "@service_management/dispatch/board/board_store";
import { edgeScroll, moveTo, resizeTo, shift } from "@service_management/dispatch/board/drag_math";
import { RowWindow, steppedRange } from "@service_management/dispatch/board/row_window";
import {
    DAY,
    findHours,
    findOpening,
    HOUR,
    MINUTE,
    TimeAxis,
} from "@service_management/dispatch/board/time_axis";

const MONDAY = 1772409600; // 2026-03-02 00:00 UTC
const DAYS = [MONDAY, MONDAY + DAY, MONDAY + 2 * DAY];
const WORK = { from: 8 * HOUR, to: 18 * HOUR };

function makeAxis(days = DAYS) {
    return new TimeAxis(days, WORK, 60);
}

describe("time axis", () => {
    test("a shown moment comes back from its pixel", () => {
        const axis = makeAxis();
        expect(axis.width).toBe(1200);
        for (const hour of [8, 9.25, 13, 17.75]) {
            for (const day of [0, 1]) {
                const moment = MONDAY + day * DAY + hour * HOUR;
                expect(axis.x(moment)).toBe((hour - 8 + day * 10) * 60);
                expect(axis.moment(axis.x(moment))).toBe(moment);
            }
        }
    });

    test("nights take no room, and have the pixel between two days", () => {
        const axis = makeAxis();
        expect(axis.x(MONDAY + 22 * HOUR)).toBe(600);
        expect(axis.x(MONDAY + DAY + 3 * HOUR)).toBe(600);
        expect(axis.x(MONDAY - DAY)).toBe(0);
        expect(axis.x(MONDAY + 9 * DAY)).toBe(1200);
        expect(axis.shows(MONDAY + 22 * HOUR)).toBe(false);
        expect(axis.shows(MONDAY + 12 * HOUR)).toBe(true);
    });

    test("a day of the change of the clocks is as long as it is", () => {
        const axis = new TimeAxis([MONDAY, MONDAY + 23 * HOUR], { from: 0, to: DAY }, 60);
        expect(axis.width).toBe(23 * 60);
    });

    test("snapping counts from the beginning of the day", () => {
        const axis = makeAxis();
        const at = (minutes) => MONDAY + minutes * MINUTE;
        expect(axis.snap(at(547), 15)).toBe(at(540));
        expect(axis.snap(at(548), 15)).toBe(at(555));
        // In a zone of half an hour, days begin at :30 UTC
        const india = new TimeAxis([MONDAY - 330 * MINUTE, at(1110)], WORK, 60);
        expect(india.snap(at(200), 30)).toBe(at(210));
    });

    test("ticks are full hours in sight", () => {
        const axis = makeAxis();
        expect(axis.ticks(0, 120).map((tick) => tick.x)).toEqual([0, 60, 120]);
        expect(axis.ticks(600, 800, 4).map((tick) => tick.x)).toEqual([600]);
    });

    test("gaps are what nobody works", () => {
        const axis = makeAxis([MONDAY, MONDAY + DAY]);
        const at = (hour) => MONDAY + hour * HOUR;
        expect(
            axis.gaps([
                [at(9), at(12)],
                [at(13), at(20)],
            ])
        ).toEqual([
            [at(8), at(9)],
            [at(12), at(13)],
        ]);
        expect(axis.gaps([])).toEqual([[at(8), at(18)]]);
    });

    test("the hours of the day grow with work, not with who is always there", () => {
        const spans = [
            [MONDAY + 6.5 * HOUR, MONDAY + 10 * HOUR],
            [MONDAY + DAY + 12 * HOUR, MONDAY + DAY + 21.2 * HOUR],
            [MONDAY, MONDAY + DAY],
        ];
        expect(findHours(DAYS, spans)).toEqual({ from: 6 * HOUR, to: 22 * HOUR });
        expect(findHours(DAYS, [])).toEqual({ from: 8 * HOUR, to: 18 * HOUR });
    });
});

describe("what is looked at first", () => {
    const at = (hour) => MONDAY + hour * HOUR;
    const spans = [
        [at(0), at(24)],
        [at(2), at(6)],
        [at(8), at(12)],
        [at(9), at(17)],
    ];

    test("now, while somebody works", () => {
        expect(findOpening(DAYS, spans, at(11))).toBe(at(11));
        expect(findOpening(DAYS, spans, at(3))).toBe(at(3));
    });

    test("at night, when most begin; without any work, the morning", () => {
        expect(findOpening(DAYS, spans, at(22))).toBe(at(8));
        expect(findOpening(DAYS, [[at(34), at(40)]], at(1))).toBe(at(34));
        expect(findOpening(DAYS, [], at(1))).toBe(at(8));
    });
});

describe("row window", () => {
    test("rows in sight, with some more on either side", () => {
        const rows = new RowWindow([28, 46, 46, 28, 46]);
        expect(rows.height).toBe(194);
        expect(rows.at(0)).toBe(0);
        expect(rows.at(28)).toBe(1);
        expect(rows.at(73.9)).toBe(1);
        expect(rows.at(9999)).toBe(4);
        expect(rows.range(0, 30)).toEqual([0, 2]);
        expect(rows.range(60, 80, 1)).toEqual([0, 5]);
        expect(new RowWindow([]).range(0, 500)).toEqual([0, 0]);
        expect(new RowWindow([]).at(10)).toBe(-1);
    });

    test("every row is found at its top, among thousands", () => {
        const heights = Array.from({ length: 5000 }, (_, index) => 20 + (index % 7));
        const rows = new RowWindow(heights);
        for (let index = 0; index < 5000; index += 37) {
            expect(rows.at(rows.top(index))).toBe(index);
        }
        const [first, end] = rows.range(50000, 600, 3);
        expect(end - first).toBeLessThan(40);
    });

    test("scrolling a little draws nothing anew", () => {
        const range = steppedRange(1000, 800, 480, 10000);
        expect(steppedRange(1100, 800, 480, 10000)).toEqual(range);
        expect(range[0]).toBeLessThan(1000);
        expect(range[1]).toBeGreaterThan(1800);
        expect(steppedRange(9900, 800, 480, 10000)[1]).toBe(10000);
    });
});

describe("dragging", () => {
    const visit = { start: MONDAY + 9 * HOUR, end: MONDAY + 10 * HOUR };

    test("a moved visit keeps its length and where it was taken", () => {
        const axis = makeAxis();
        const grip = 30 * MINUTE;
        const moved = moveTo(axis, axis.x(visit.start) + 30 + 62, grip, HOUR);
        expect(moved).toEqual({ start: MONDAY + 10 * HOUR, end: MONDAY + 11 * HOUR });
        const early = moveTo(axis, 0, grip, HOUR);
        expect(early.start).toBe(MONDAY + 8 * HOUR);
    });

    test("an end is dragged, the other stays, a quarter is left", () => {
        const axis = makeAxis();
        expect(resizeTo(axis, axis.x(visit.end) + 31, visit, "end").end).toBe(MONDAY + 10.5 * HOUR);
        expect(resizeTo(axis, 0, visit, "end").end).toBe(visit.start + 15 * MINUTE);
        expect(resizeTo(axis, 999, visit, "start").start).toBe(visit.end - 15 * MINUTE);
    });

    test("steps by key", () => {
        expect(shift(visit, -15)).toEqual({
            start: visit.start - 15 * MINUTE,
            end: visit.end - 15 * MINUTE,
        });
    });

    test("the board scrolls near its edges only", () => {
        expect(edgeScroll(500, 0, 1000)).toBe(0);
        expect(edgeScroll(10, 0, 1000)).toBeLessThan(0);
        expect(edgeScroll(995, 0, 1000)).toBeGreaterThan(0);
        expect(edgeScroll(5000, 0, 1000)).toBe(18);
    });
});

describe("store", () => {
    const columns = {
        technicians: ["id", "name", "point_id", "position", "skills", "hours"],
        points: ["id", "name", "kind", "position"],
        visits: ["id", "order_id", "technician_ids", "start", "end", "state", "locked", "travel"],
        orders: ["id", "name", "state", "due", "customer", "place", "position", "priority"],
    };
    const at = (hour) => MONDAY + hour * HOUR;
    const order = (id, due, position = false) => [id, `SV${id}`, "new", due, "Li", "", position, 1];
    const visit = (id, orderId, technicians, start) => [
        id,
        orderId,
        technicians,
        at(start),
        at(start + 1),
        "planned",
        false,
        false,
    ];

    function makeStore() {
        const store = new BoardStore();
        store.load({
            columns,
            days: DAYS,
            technicians: [
                [1, "Ann", 7, [30, 120], [], [[at(8), at(18)]]],
                [2, "Bo", 7, [30, 120], [], [[at(8), at(18)]]],
            ],
            points: [[7, "North", "point", false]],
            visits: [visit(11, 101, [1], 9), visit(12, 102, [1, 2], 12)],
            orders: [
                order(101, at(40), [30, 120.1]),
                order(102, at(40)),
                order(103, at(90)),
                order(104, at(20)),
            ],
            waiting: [103, 104],
            waiting_count: 2,
            leaves: [[2, at(8), at(10), ""]],
            standbys: [[1, at(14), at(16), "North"]],
            types: [],
            skills: [],
            rights: {},
        });
        return store;
    }

    test("a crew of two is in both rows; the most urgent waits first", () => {
        const store = makeStore();
        expect(store.getVisits(1).map(({ id }) => id)).toEqual([11, 12]);
        expect(store.getVisits(2).map(({ id }) => id)).toEqual([12]);
        expect(store.waiting).toEqual([104, 103]);
        expect(store.getRows("").map(({ key }) => key)).toEqual(["p7", "t1", "t2"]);
        expect(store.getRows("bo").map(({ key }) => key)).toEqual(["p7", "t2"]);
        expect(store.getRows("sv101").map(({ key }) => key)).toEqual(["p7", "t1"]);
    });

    test("who stands by is known by technician", () => {
        const store = makeStore();
        expect(store.getStandbys(1)).toEqual([{ start: at(14), end: at(16), place: "North" }]);
        expect(store.getStandbys(2)).toEqual([]);
    });

    test("changes replace what they name and leave other rows as they are", () => {
        const store = makeStore();
        const untouched = store.getVisits(2);
        store.apply({
            order_ids: [101, 104],
            visits: [visit(11, 101, [1], 14), visit(13, 104, [1], 9)],
            orders: [order(101, at(40)), order(104, at(20))],
            waiting: [],
        });
        expect(store.getVisits(1).map(({ id }) => id)).toEqual([13, 12, 11]);
        expect(store.getVisits(2)).toBe(untouched);
        expect(store.waiting).toEqual([103]);
        expect(store.waitingCount).toBe(1);
    });

    test("a change too early is taken back", () => {
        const store = makeStore();
        const before = store.change(11, { technician_ids: [2] });
        expect(store.getVisits(2).map(({ id }) => id)).toEqual([11, 12]);
        store.change(11, before);
        expect(store.getVisits(1).map(({ id }) => id)).toEqual([11, 12]);
    });

    test("travel comes from where the technician was before", () => {
        const store = makeStore();
        expect(Math.round(distance([30, 120], [31, 120]))).toBe(111);
        expect(estimateTravel(false, [1, 1])).toBe(0);
        const first = store.getTravel(1, store.visits.get(11));
        expect(first.minutes).toBe(estimateTravel([30, 120], [30, 120.1]));
        expect(first.isEstimate).toBe(true);
        expect(store.getTravel(1, store.visits.get(12)).minutes).toBe(0);
        store.change(11, { travel: 33 });
        expect(store.getTravel(1, store.visits.get(11))).toEqual({
            minutes: 33,
            isEstimate: false,
            isTight: false,
        });
    });

    test("load and time off", () => {
        const store = makeStore();
        expect(store.getLoad(1)).toEqual({ booked: 2, hours: 10 });
        expect(store.getLeaves(2).length).toBe(1);
        expect(store.getLeaves(1).length).toBe(0);
    });
});
