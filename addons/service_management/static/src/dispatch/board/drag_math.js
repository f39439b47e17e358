import { MINUTE } from "./time_axis";

export const SNAP = 15;

/**
 * Where a visit comes to when it is dragged: its length stays.
 *
 * @param {import("./time_axis").TimeAxis} axis
 * @param {number} x pixel of the pointer on the axis
 * @param {number} grip seconds between the visit's start and where it was taken
 * @param {number} length seconds
 */
export function moveTo(axis, x, grip, length, snap = SNAP) {
    const pointed = axis.moment(x) - grip;
    const start = axis.snap(Math.max(pointed, axis.start), snap);
    return { start, end: start + length };
}

/**
 * A visit one of whose ends is dragged; the other stays, and a step is left.
 *
 * @param {"start" | "end"} side
 */
export function resizeTo(axis, x, visit, side, snap = SNAP) {
    const moment = axis.snap(axis.moment(x), snap);
    if (side === "start") {
        return { start: Math.min(moment, visit.end - snap * MINUTE), end: visit.end };
    }
    return { start: visit.start, end: Math.max(moment, visit.start + snap * MINUTE) };
}

/** A visit that is moved by so many minutes. */
export function shift(visit, minutes) {
    return { start: visit.start + minutes * MINUTE, end: visit.end + minutes * MINUTE };
}

/** How far to scroll when the pointer is near the edge of a box, in pixels a frame. */
export function edgeScroll(position, start, end, margin = 48, most = 18) {
    if (position < start + margin) {
        return -Math.ceil((Math.min(start + margin - position, margin) / margin) * most);
    }
    if (position > end - margin) {
        return Math.ceil((Math.min(position - end + margin, margin) / margin) * most);
    }
    return 0;
}
