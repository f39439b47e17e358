import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatDay, formatWhen } from "./intake_format";

/** Who is calling and what is known: assets, contracts, open and past orders. */
export class IntakeCustomer extends Component {
    static template = "service_management.IntakeCustomer";
    static props = {
        context: Object,
        assetId: [Number, Boolean],
        onAsset: Function,
        onOrder: Function,
        onPartner: Function,
    };

    setup() {
        this.formatDay = formatDay;
        this.formatWhen = formatWhen;
    }

    /** The orders that speak of the chosen asset come first. */
    get openOrders() {
        const { assetId } = this.props;
        const orders = [...this.props.context.open_orders];
        const isSame = (order) => Number(Boolean(assetId) && order.asset_id === assetId);
        return orders.sort((one, other) => isSame(other) - isSame(one));
    }

    getPlace(asset) {
        return [asset.site, asset.place].filter(Boolean).join(" · ");
    }

    /** What is covered until when, and in one word what is not any more. */
    getWarranty(asset) {
        const ends = new Set(asset.warranty.map((term) => term.date_end));
        if (ends.size === 1 && asset.warranty.every((term) => term.covered)) {
            const text = _t("In warranty until %s", formatDay(asset.warranty_end));
            return [{ key: "all", tone: "text-bg-success", text }];
        }
        const badges = asset.warranty
            .filter((term) => term.covered)
            .map((term) => ({
                key: term.kind,
                tone: "text-bg-success",
                text: _t("%(kind)s until %(day)s", {
                    kind: term.label,
                    day: formatDay(term.date_end),
                }),
            }));
        const ended = asset.warranty.filter((term) => term.ended);
        const unknown = asset.warranty.filter((term) => term.unknown);
        const refused = asset.warranty.filter(
            (term) => !term.covered && !term.ended && !term.unknown
        );
        if (!asset.warranty.length) {
            badges.push({ key: "none", tone: "text-bg-secondary", text: _t("No warranty known") });
        } else if (ended.length === asset.warranty.length) {
            const day = formatDay(asset.warranty_end);
            const text = _t("Out of warranty since %s", day);
            badges.push({ key: "out", tone: "text-bg-secondary", text });
        } else {
            for (const [key, terms, label] of [
                ["ended", ended, _t("Ended")],
                // Still running, but not for this use
                ["refused", refused, _t("Not covered")],
                // A date or a document is missing
                ["unknown", unknown, _t("Not yet known")],
            ]) {
                if (terms.length) {
                    const kinds = terms.map((term) => term.label).join(", ");
                    const text = _t("%(what)s: %(kinds)s", { what: label, kinds });
                    badges.push({ key, tone: "text-bg-secondary", text });
                }
            }
        }
        return badges;
    }

    isCovered(contract) {
        const { assetId } = this.props;
        return (
            contract.is_valid &&
            (!contract.asset_ids.length || !assetId || contract.asset_ids.includes(assetId))
        );
    }
}
