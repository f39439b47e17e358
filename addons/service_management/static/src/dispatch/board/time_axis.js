/**
 * Time on the board: moments (seconds since 1970) to pixels and back.
 *
 * A day shows the hours in which somebody works; nights take no room. Between two
 * shown stretches the pixel of every moment is where they meet.
 */
export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export class TimeAxis {
    /**
     * @param {number[]} days moments that the days begin at, and the end of the last
     * @param {{from: number, to: number}} hours shown of each day, in seconds after its
     *     beginning
     * @param {number} pixelsPerHour
     */
    constructor(days, { from, to }, pixelsPerHour) {
        this.scale = pixelsPerHour / HOUR;
        this.stretches = [];
        let x = 0;
        for (let i = 0; i + 1 < days.length; i++) {
            const start = Math.min(days[i] + from, days[i + 1]);
            const end = Math.min(days[i] + to, days[i + 1]);
            if (end > start) {
                this.stretches.push({ day: days[i], start, end, x });
                x += (end - start) * this.scale;
            }
        }
        this.width = x;
    }

    get start() {
        return this.stretches[0].start;
    }

    get end() {
        return this.stretches.at(-1).end;
    }

    /** The pixel of a moment, within the axis. */
    x(moment) {
        let found = this.stretches[0];
        for (const stretch of this.stretches) {
            if (stretch.start > moment) {
                break;
            }
            found = stretch;
        }
        const within = Math.min(Math.max(moment, found.start), found.end) - found.start;
        return found.x + within * this.scale;
    }

    /** The moment at a pixel. */
    moment(x) {
        const found = this.stretches.findLast((stretch) => stretch.x <= x) || this.stretches[0];
        const within = Math.min(Math.max(x - found.x, 0) / this.scale, found.end - found.start);
        return found.start + within;
    }

    /** Whether a moment has a pixel of its own. */
    shows(moment) {
        return this.stretches.some(({ start, end }) => start <= moment && moment < end);
    }

    /** The nearest full step of `minutes` after the beginning of the moment's day. */
    snap(moment, minutes) {
        const day = (this.stretches.findLast((one) => one.day <= moment) || this.stretches[0]).day;
        const step = minutes * MINUTE;
        return day + Math.round((moment - day) / step) * step;
    }

    /**
     * @returns {{x: number, width: number}} where a span is drawn; no width when
     *     nothing of it is shown
     */
    span(start, end) {
        const x = this.x(start);
        return { x, width: this.x(end) - x };
    }

    /** Full hours of the axis between two pixels, every `step` hours. */
    ticks(from, to, step = 1) {
        const ticks = [];
        for (const { day, start, end, x } of this.stretches) {
            if (x > to || x + (end - start) * this.scale < from) {
                continue;
            }
            const first = day + Math.ceil((start - day) / (step * HOUR)) * step * HOUR;
            for (let moment = first; moment < end; moment += step * HOUR) {
                const at = x + (moment - start) * this.scale;
                if (at >= from && at <= to) {
                    ticks.push({ moment, x: at, isDay: moment - first === 0 });
                }
            }
        }
        return ticks;
    }

    /** What of the axis the sorted `spans` leave free: [[start, end], …]. */
    gaps(spans) {
        const gaps = [];
        for (const { start, end } of this.stretches) {
            let free = start;
            for (const [since, until] of spans) {
                if (until <= free || since >= end) {
                    continue;
                }
                if (since > free) {
                    gaps.push([free, since]);
                }
                free = Math.max(free, until);
            }
            if (free < end) {
                gaps.push([free, end]);
            }
        }
        return gaps;
    }
}

/**
 * The hours of the day that have to be shown, in seconds after its beginning.
 *
 * @param {number[]} days
 * @param {Iterable<[number, number]>} spans of work and visits
 * @param {{from: number, to: number}} least shown in any case
 */
export function findHours(days, spans, least = { from: 8 * HOUR, to: 18 * HOUR }) {
    let { from, to } = least;
    for (const [start, end] of spans) {
        if (end - start >= 23 * HOUR) {
            // Around the clock: says nothing about when the day is
            continue;
        }
        const day = days.findLast((moment) => moment <= start);
        if (day === undefined) {
            continue;
        }
        from = Math.min(from, start - day);
        to = Math.max(to, Math.min(end - day, DAY));
    }
    return {
        from: Math.max(Math.floor(from / HOUR) * HOUR, 0),
        to: Math.min(Math.ceil(to / HOUR) * HOUR, DAY),
    };
}

/**
 * The moment that is looked at first: now while somebody works, else when half of
 * those who work on the first day with work have begun.
 *
 * @param {number[]} days
 * @param {Iterable<[number, number]>} spans of work
 * @param {number} now
 * @returns {number}
 */
export function findOpening(days, spans, now) {
    const own = [...spans].filter(([start, end]) => end - start < 23 * HOUR);
    if (own.some(([start, end]) => start <= now && now < end)) {
        return now;
    }
    for (let i = 0; i + 1 < days.length; i++) {
        const starts = own
            .map(([start]) => start)
            .filter((start) => days[i] <= start && start < days[i + 1])
            .sort((a, b) => a - b);
        if (starts.length) {
            return starts[Math.floor((starts.length - 1) / 2)];
        }
    }
    return days[0] + 8 * HOUR;
}
