import { Component } from "@odoo/owl";
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

    getWarrantyClass(term) {
        return term.covered ? "text-bg-success" : "text-bg-secondary";
    }

    isCovered(contract) {
        const { assetId } = this.props;
        return (
            contract.is_valid &&
            (!contract.asset_ids.length || !assetId || contract.asset_ids.includes(assetId))
        );
    }
}
