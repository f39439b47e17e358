/** Rows of different heights below each other, of which a few are looked at. */
export class RowWindow {
    /** @param {number[]} heights in pixels */
    constructor(heights) {
        this.tops = [0];
        for (const height of heights) {
            this.tops.push(this.tops.at(-1) + height);
        }
    }

    get height() {
        return this.tops.at(-1);
    }

    get count() {
        return this.tops.length - 1;
    }

    top(index) {
        return this.tops[index];
    }

    /** The row at a pixel; the first or the last one beyond them, -1 without rows. */
    at(y) {
        let low = 0;
        let high = this.count - 1;
        while (low < high) {
            const middle = (low + high + 1) >> 1;
            if (this.tops[middle] <= y) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return Math.min(low, this.count - 1);
    }

    /**
     * The rows to draw for a viewport: [first, end), with some more on either side.
     *
     * @returns {[number, number]}
     */
    range(scrollTop, height, more = 0) {
        if (!this.count) {
            return [0, 0];
        }
        const first = this.at(scrollTop) - more;
        const last = this.at(Math.max(scrollTop + height - 1, scrollTop)) + more;
        return [Math.max(first, 0), Math.min(last + 1, this.count)];
    }
}

/**
 * The part of an axis to draw for a viewport, in whole `step`s, so that scrolling a
 * little draws nothing anew.
 *
 * @returns {[number, number]}
 */
export function steppedRange(scroll, size, step, total) {
    const from = Math.max(Math.floor(scroll / step) - 1, 0) * step;
    const to = Math.min((Math.ceil((scroll + size) / step) + 1) * step, total);
    return [from, Math.max(to, from)];
}
