import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** More lines for parts, serial numbers where a part has one, and a field to sign in
 * with finger or mouse. */
export class ServiceReportForm extends Interaction {
    static selector = ".o_service_report_form";
    dynamicContent = {
        ".o_service_add_part": { "t-on-click": this.onAddPart },
        ".o_service_parts": { "t-on-change": this.onChangePart },
        ".o_service_canvas": {
            "t-on-pointerdown.prevent": this.onPenDown,
            "t-on-pointermove": this.onPenMove,
        },
        _document: {
            "t-on-pointerup": this.onPenUp,
            "t-on-pointercancel": this.onPenUp,
        },
        ".o_service_clear": { "t-on-click": this.clear },
    };

    setup() {
        this.canvas = this.el.querySelector(".o_service_canvas");
        this.field = this.el.querySelector("[name=signature]");
        this.parts = this.el.querySelector(".o_service_parts");
        this.pen = this.canvas.getContext("2d");
        this.pen.lineWidth = 2.5;
        this.pen.lineCap = "round";
        this.drawing = false;
        for (const row of this.el.querySelectorAll(".o_service_part_row")) {
            this.showSerials(row);
        }
    }

    onChangePart(ev) {
        this.showSerials(ev.target.closest(".o_service_part_row"));
    }

    showSerials(row) {
        const serials = row.querySelector(".o_service_serial_row");
        const [chosen] = row.querySelector("select").selectedOptions;
        serials.classList.toggle("d-none", !chosen.dataset.serial);
    }

    onAddPart() {
        const rows = this.parts.querySelectorAll(".o_service_part_row");
        if (rows.length >= Number(this.parts.dataset.maxRows)) {
            return;
        }
        const row = rows[0].cloneNode(true);
        row.querySelector("select").value = "";
        for (const input of row.querySelectorAll("input")) {
            input.value = input.name === "quantity" ? 1 : "";
        }
        this.showSerials(row);
        this.insert(row, this.parts);
    }

    /** Where the pointer is, in the canvas' own pixels. */
    locate(ev) {
        const box = this.canvas.getBoundingClientRect();
        return [
            ((ev.clientX - box.left) * this.canvas.width) / box.width,
            ((ev.clientY - box.top) * this.canvas.height) / box.height,
        ];
    }

    onPenDown(ev) {
        this.drawing = true;
        this.pen.beginPath();
        this.pen.moveTo(...this.locate(ev));
    }

    onPenMove(ev) {
        if (this.drawing) {
            this.pen.lineTo(...this.locate(ev));
            this.pen.stroke();
        }
    }

    onPenUp() {
        if (this.drawing) {
            this.drawing = false;
            this.field.value = this.canvas.toDataURL("image/png");
        }
    }

    clear() {
        this.pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
        this.field.value = "";
    }
}

registry.category("public.interactions").add("service_portal.report_form", ServiceReportForm);
