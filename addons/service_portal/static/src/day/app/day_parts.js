import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { scanBarcode } from "@web/core/barcode/barcode_dialog";
import { isBarcodeScannerSupported } from "@web/core/barcode/barcode_video_scanner";

const SHOWN = 12;

/** Parts of a visit: what was used, out of the own van or the point's stock. */
export class DayParts extends Component {
    static template = "service_portal.DayParts";
    static props = { store: Object, visit: Object, readonly: Boolean, forNext: Boolean };

    setup() {
        this.ui = useState({ search: "", quantity: 1, isOpen: false, unknown: "" });
        this.canScan = isBarcodeScannerSupported();
    }

    get lines() {
        const { visit } = this.props;
        return this.props.forNext ? visit.needs : visit.parts;
    }

    get stock() {
        return this.props.store.state.lists.stock[this.props.visit.stock] || [];
    }

    get found() {
        const words = this.ui.search.toLowerCase().split(/\s+/).filter(Boolean);
        return this.stock
            .filter((part) => this.props.forNext || part.free > 0)
            .filter((part) => {
                const text = `${part.name} ${part.barcode}`.toLowerCase();
                return words.every((word) => text.includes(word));
            })
            .slice(0, SHOWN)
            .map((part) => ({
                ...part,
                key: `${part.location_id}-${part.product_id}`,
                there: _t("%(count)s in %(place)s", { count: part.free, place: part.place }),
            }));
    }

    async onScan() {
        const code = await scanBarcode(this.env);
        if (!code) {
            return;
        }
        const part = this.stock.find((other) => other.barcode === code);
        this.ui.unknown = part ? "" : code;
        if (part) {
            await this.onAdd(part);
        }
    }

    async onAdd(part) {
        const quantity = Number(String(this.ui.quantity).replace(",", ".")) || 1;
        const { product_id, location_id, name } = part;
        const kind = this.props.forNext ? "part_need" : "part_add";
        const values = { product_id, location_id, name, quantity };
        Object.assign(this.ui, { search: "", quantity: 1, isOpen: false });
        await this.props.store.do(kind, this.props.visit.id, values);
    }

    async onRemove(line) {
        const values = line.move_id ? { move_id: line.move_id } : { operation: line.operation };
        await this.props.store.do("part_remove", this.props.visit.id, values);
    }
}
