import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { scanBarcode } from "@web/core/barcode/barcode_dialog";
import { isBarcodeScannerSupported } from "@web/core/barcode/barcode_video_scanner";

const SHOWN = 12;
const SHOWN_SERIALS = 8;

/** Parts of a visit: what was used, out of the own van or the point's stock. */
export class DayParts extends Component {
    static template = "service_portal.DayParts";
    static props = { store: Object, visit: Object, readonly: Boolean, forNext: Boolean };

    setup() {
        this.ui = useState({ search: "", quantity: 1, isOpen: false, unknown: "", draft: null });
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
                const serials = (part.serials || []).join(" ");
                const text = `${part.name} ${part.barcode} ${serials}`.toLowerCase();
                return words.every((word) => text.includes(word));
            })
            .slice(0, SHOWN)
            .map((part) => ({
                ...part,
                key: `${part.location_id}-${part.product_id}`,
                there: _t("%(count)s in %(place)s", { count: part.free, place: part.place }),
            }));
    }

    // Serial numbers

    hasSerial(part) {
        return part.tracking === "serial" || part.tracking === "lot";
    }

    /** What is still free of a part with serial numbers, as far as the device knows. */
    getSerials(part) {
        const { store } = this.props;
        const noted = new Set(
            store.visits
                .flatMap((visit) => visit.parts)
                .filter((line) => line.product_id === part.product_id && !line.done)
                .map((line) => line.serial)
        );
        return (part.serials || []).filter((serial) => !noted.has(serial));
    }

    /** The part whose serial numbers are asked for, with what may be chosen. */
    get draft() {
        const { draft } = this.ui;
        if (!draft) {
            return null;
        }
        const isOnePiece = draft.part.tracking === "serial";
        const serials = this.getSerials(draft.part);
        const typed = draft.serial.trim().toLowerCase();
        return {
            ...draft,
            isOnePiece,
            choices: serials
                .filter((serial) => serial !== draft.serial.trim())
                .filter((serial) => serial.toLowerCase().includes(typed))
                .slice(0, SHOWN_SERIALS),
            isStrange: typed && !serials.includes(draft.serial.trim()),
            isReady: typed || !isOnePiece,
        };
    }

    /** A code from the camera; nothing where the camera cannot be used: type it then. */
    async scan() {
        try {
            return (await scanBarcode(this.env)) || "";
        } catch {
            return "";
        }
    }

    async onScanSerial(name) {
        const code = await this.scan();
        if (code && this.ui.draft) {
            this.ui.draft[name] = code;
        }
    }

    onSerial(serial) {
        this.ui.draft.serial = serial;
    }

    // What is done

    async onScan() {
        const code = await this.scan();
        if (!code) {
            return;
        }
        const part =
            this.stock.find((other) => other.barcode === code) ||
            this.stock.find((other) => (other.serials || []).includes(code));
        this.ui.unknown = part ? "" : code;
        if (part) {
            await this.onChoose(part, part.barcode === code ? "" : code);
        }
    }

    /** A part was chosen: noted at once, or after its serial numbers are known. */
    async onChoose(part, serial = "") {
        if (this.props.forNext || !this.hasSerial(part)) {
            await this.add(part);
            return;
        }
        const serials = this.getSerials(part);
        const draft = { part, serial, oldSerial: "" };
        if (!serial && serials.length === 1) {
            draft.serial = serials[0];
        }
        Object.assign(this.ui, { draft, isOpen: false });
    }

    async onConfirm() {
        const { part, serial, oldSerial } = this.ui.draft;
        await this.add(part, { serial: serial.trim(), old_serial: oldSerial.trim() });
    }

    async add(part, serials = {}) {
        const quantity = Number(String(this.ui.quantity).replace(",", ".")) || 1;
        const { product_id, location_id, name } = part;
        const kind = this.props.forNext ? "part_need" : "part_add";
        const values = { product_id, location_id, name, ...serials };
        values.quantity = part.tracking === "serial" && !this.props.forNext ? 1 : quantity;
        Object.assign(this.ui, { search: "", quantity: 1, isOpen: false, draft: null });
        await this.props.store.do(kind, this.props.visit.id, values);
    }

    async onRemove(line) {
        const values = line.move_id ? { move_id: line.move_id } : { operation: line.operation };
        await this.props.store.do("part_remove", this.props.visit.id, values);
    }
}
