/**
 * Which items of a checklist are asked and what is wrong with the answers: the rules of
 * `engine/checklist.py`, for pages that work without a network. The server evaluates
 * again when the visit is finished; both are held to tests/data/checklist_cases.json.
 */

const isGiven = (answer) => Boolean(answer) && ![undefined, null, "", false].includes(answer.value);

export function isBeyond(item, value) {
    if (item.kind !== "number" || typeof value !== "number") {
        return false;
    }
    return (
        (item.minimum !== null && value < item.minimum) ||
        (item.maximum !== null && value > item.maximum)
    );
}

function isMet(condition, known, given) {
    const answer = given[condition.key];
    if (!answer) {
        return false;
    }
    const value = answer.value;
    switch (condition.operator) {
        case "is":
            return value === condition.value;
        case "is_not":
            return value !== condition.value;
        case "above":
            return typeof value === "number" && value > condition.value;
        case "below":
            return typeof value === "number" && value < condition.value;
        case "beyond":
            return isBeyond(known[condition.key], value);
    }
    return true;
}

/**
 * @param {Object[]} items of the checklist in their order
 * @param {Object} answers by key: `{value, remark}`
 * @returns {{asked: string[], missing: string[], beyond: string[], remarks: string[],
 *     blocking: string[]}} keys of items
 */
export function evaluate(items, answers) {
    const found = { asked: [], missing: [], beyond: [], remarks: [], blocking: [] };
    const known = {};
    const given = {};
    for (const item of items) {
        known[item.key] = item;
        if (item.condition && !isMet(item.condition, known, given)) {
            continue;
        }
        found.asked.push(item.key);
        const answer = answers[item.key];
        if (!isGiven(answer)) {
            if (item.required) {
                found.missing.push(item.key);
            }
            continue;
        }
        given[item.key] = answer;
        if (isBeyond(item, answer.value)) {
            found.beyond.push(item.key);
            if (item.beyond === "block") {
                found.blocking.push(item.key);
            } else if (item.beyond === "remark" && !(answer.remark || "").trim()) {
                found.remarks.push(item.key);
            }
        }
    }
    return found;
}

/** A number as people type it, with a comma or a point; `null` where it is none. */
export function readNumber(text) {
    const value = Number(String(text).trim().replace(",", "."));
    return String(text).trim() !== "" && Number.isFinite(value) && Math.abs(value) <= 1e12
        ? value
        : null;
}
