/**
 * Choices of server actions or templates, and what is chosen already although it is
 * not among them: it is gone, or not for this user to see.
 *
 * @param {{ ref: string, name: string }[]} records
 * @param {string} current
 */
export function getNamedChoices(records, current) {
    const choices = records.map(({ ref, name }) => ({ value: ref, label: name }));
    if (current && !choices.some(({ value }) => value === current)) {
        choices.push({ value: current, label: current });
    }
    return choices;
}
