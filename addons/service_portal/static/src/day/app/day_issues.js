import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { RESULT_LABELS } from "./day_labels";

/** What the server did not take: a person reads why, and chooses. */
export class DayIssues extends Component {
    static template = "service_portal.DayIssues";
    static props = { store: Object };

    setup() {
        this.data = useState(this.props.store.state);
    }

    get issues() {
        return this.data.issues.map((issue) => ({
            ...issue,
            visit: this.data.visits[issue.visit_id]?.name || _t("A visit"),
            fields: Object.entries(issue.conflicts || {}).map(([name, pair]) => ({
                name,
                label: this.getLabel(issue, name),
                mine: this.getText(issue, name, pair.mine),
                theirs: this.getText(issue, name, pair.theirs),
                pair,
            })),
            text: this.getMyText(issue),
        }));
    }

    getItem(issue, name) {
        const items = this.data.visits[issue.visit_id]?.checklist?.items || [];
        return items.find((item) => `answer:${item.key}` === name);
    }

    getLabel(issue, name) {
        return this.getItem(issue, name)?.label || RESULT_LABELS[name]?.() || name;
    }

    getText(issue, name, value) {
        if (value && typeof value === "object") {
            const item = this.getItem(issue, name);
            const choice = item?.choices.find((option) => option.key === value.value);
            const words = { yes: _t("Yes"), no: _t("No") };
            const text = choice?.label || words[value.value] || value.value;
            return [text ?? _t("(nothing)"), value.remark].filter(Boolean).join(" · ");
        }
        const { outcomes, codes } = this.data.lists;
        const lists = Object.values(codes).flatMap((byField) => byField[name] || []);
        const found = [...(name === "outcome" ? outcomes : lists)].find(([id]) => id === value);
        return found ? found[1] : value || _t("(nothing)");
    }

    /** What was entered, so that it can be told or copied where it was not taken. */
    getMyText(issue) {
        if (issue.kind === "part_add" || issue.kind === "part_need") {
            const { name, quantity, serial } = issue.values;
            const text = _t("%(quantity)s × %(part)s", { quantity, part: name || "" });
            return serial ? `${text} (${serial})` : text;
        }
        const { values = {} } = issue.values || {};
        return [values.report, values.next_visit_note].filter(Boolean).join("\n");
    }

    /** Mine after all: sent again, now knowing what stands there. */
    async onMine(issue, field) {
        if (issue.kind === "answer") {
            const { key, version } = issue.values;
            const { mine, theirs } = field.pair;
            const values = { key, version, ...mine, base: theirs };
            await this.props.store.retryIssue(issue, values);
            return;
        }
        const { mine, theirs } = field.pair;
        const values = { values: { [field.name]: mine }, base: { [field.name]: theirs } };
        const rest = this.withoutField(issue, field);
        await this.props.store.retryIssue(issue, values);
        if (rest) {
            await this.props.store.keepIssue(rest);
        }
    }

    async onTheirs(issue, field) {
        const rest = this.withoutField(issue, field);
        await this.props.store.dropIssue(issue);
        if (rest) {
            await this.props.store.keepIssue(rest);
        }
    }

    withoutField(issue, field) {
        const original = this.data.issues.find((other) => other.id === issue.id);
        const conflicts = JSON.parse(JSON.stringify(original.conflicts));
        delete conflicts[field.name];
        return Object.keys(conflicts).length
            ? { ...JSON.parse(JSON.stringify(original)), conflicts }
            : null;
    }

    onDrop(issue) {
        this.props.store.dropIssue(issue);
    }
}
