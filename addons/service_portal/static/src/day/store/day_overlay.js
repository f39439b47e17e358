/**
 * A visit as it will be when the server has taken what waits to be sent: what the
 * technician sees at once.
 *
 * @param {Object} visit as the server gave it
 * @param {Object[]} operations of this visit in their order
 * @returns {Object} a copy
 */
export function overlay(visit, operations) {
    const result = JSON.parse(JSON.stringify(visit));
    for (const operation of operations) {
        apply(result, operation);
    }
    return result;
}

const STATES = { en_route: "en_route", on_site: "on_site", done: "done" };

function apply(visit, { kind, values, id, blob }) {
    const answers = visit.checklist?.answers || {};
    if (kind in STATES) {
        visit.state = STATES[kind];
    } else if (kind === "set") {
        Object.assign(visit.result, values.values);
    } else if (kind === "answer") {
        const kept = answers[values.key] || {};
        answers[values.key] = { ...kept, value: values.value, remark: values.remark };
    } else if (kind === "answer_signature") {
        answers[values.key] = { value: true };
    } else if (kind === "sign") {
        visit.signed = true;
        visit.result.signed_by = values.signed_by;
    } else if (kind === "confirm") {
        visit.confirming = true;
    } else if (kind === "photo") {
        addPhoto(visit, answers, values.key, { id, blob });
    } else if (kind === "part_add") {
        visit.parts.push({
            operation: id,
            product_id: values.product_id,
            name: values.name,
            quantity: values.quantity,
            serial: values.serial,
            old_serial: values.old_serial,
            waiting: true,
        });
    } else if (kind === "part_remove") {
        visit.parts = visit.parts.filter(
            (part) =>
                !(part.move_id && part.move_id === values.move_id) &&
                !(part.operation && part.operation === values.operation)
        );
    } else if (kind === "part_need") {
        visit.needs = visit.needs.filter((need) => need.product_id !== values.product_id);
        visit.needs.push(values);
    }
}

function addPhoto(visit, answers, key, photo) {
    visit.local_photos = visit.local_photos || {};
    (visit.local_photos[key || ""] = visit.local_photos[key || ""] || []).push(photo);
    if (key) {
        const kept = answers[key] || { photos: [] };
        answers[key] = { ...kept, value: (kept.value || 0) + 1 };
    }
}
