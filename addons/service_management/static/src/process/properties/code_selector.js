import { Component, useEffect, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { RecordAutocomplete } from "@web/core/record_selectors/record_autocomplete";
import { useService } from "@web/core/utils/hooks";

/**
 * A many2one that keeps the code of the record and not its id, so that a diagram
 * means the same in every database.
 */
export class CodeSelector extends Component {
    static template = "service_management.CodeSelector";
    static components = { RecordAutocomplete };
    static props = {
        resModel: String,
        // The field that is kept: "code", or "id" where a model has no code.
        field: { type: String, optional: true },
        value: true,
        update: Function,
        label: { type: String, optional: true },
        placeholder: { type: String, optional: true },
        readonly: { type: Boolean, optional: true },
    };
    static defaultProps = { field: "code", label: "", placeholder: "" };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ record: null, isMissing: false });
        // After mounting: a panel that is gone before its names are known asks for none.
        useEffect(
            () => {
                this.load();
            },
            () => [this.props.resModel, this.props.value]
        );
    }

    async load() {
        const { field, resModel, value } = this.props;
        this.state.isMissing = false;
        if (!value) {
            this.state.record = null;
        } else if (this.state.record?.[field] !== value) {
            const [record] = await this.orm.searchRead(
                resModel,
                [[field, "=", value]],
                [field, "display_name"],
                { limit: 1 }
            );
            if (value === this.props.value) {
                this.state.record = record || null;
                this.state.isMissing = !record;
            }
        }
    }

    get name() {
        return this.state.record?.display_name || "";
    }

    get ids() {
        return this.state.record ? [this.state.record.id] : [];
    }

    get missingText() {
        return _t("There is no record with the code %s.", this.props.value);
    }

    /** A record without a code gets one as soon as a drawing names it. */
    async select(ids) {
        const { field, resModel, update } = this.props;
        if (!ids.length) {
            update("");
            return;
        }
        const [record] = await this.orm.read(resModel, ids.slice(0, 1), [field, "display_name"]);
        if (!record[field]) {
            record[field] = `${resModel.split(".").pop()}_${record.id}`;
            await this.orm.write(resModel, [record.id], { [field]: record[field] });
        }
        this.state.record = record;
        update(record[field]);
    }
}
