import { Component, useRef, useState } from "@odoo/owl";

/** Sign with a finger; `onSign` gets the drawing as base64 of a PNG. */
export class SignaturePad extends Component {
    static template = "service_management.SignaturePad";
    static props = { onSign: Function, disabled: { type: Boolean, optional: true } };

    setup() {
        this.canvas = useRef("canvas");
        this.state = useState({ isDrawn: false });
        this.last = null;
    }

    getPoint(ev) {
        const canvas = this.canvas.el;
        const box = canvas.getBoundingClientRect();
        return [
            ((ev.clientX - box.left) * canvas.width) / box.width,
            ((ev.clientY - box.top) * canvas.height) / box.height,
        ];
    }

    onDown(ev) {
        if (this.props.disabled) {
            return;
        }
        ev.preventDefault();
        this.canvas.el.setPointerCapture?.(ev.pointerId);
        this.last = this.getPoint(ev);
    }

    onMove(ev) {
        if (!this.last) {
            return;
        }
        const point = this.getPoint(ev);
        const pen = this.canvas.el.getContext("2d");
        pen.lineWidth = 3;
        pen.lineCap = "round";
        pen.strokeStyle = "#000";
        pen.beginPath();
        pen.moveTo(...this.last);
        pen.lineTo(...point);
        pen.stroke();
        this.last = point;
        this.state.isDrawn = true;
    }

    onUp() {
        this.last = null;
    }

    onClear() {
        const canvas = this.canvas.el;
        canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
        this.state.isDrawn = false;
    }

    onSave() {
        this.props.onSign(this.canvas.el.toDataURL("image/png").split(",")[1]);
    }
}
