import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

const ZOOMS = [1, 1.5, 2, 3, 4];
// How far an arrow key moves a marker, in per cent of the picture
const STEP = 0.5;
const BIG_STEP = 5;
const ARROWS = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
};
// Pixels that a finger may tremble without dragging
const TREMBLE = 4;

/** A position on the picture, in per cent with two digits. */
export function clampPercent(value) {
    return Math.round(100 * Math.min(Math.max(value, 0), 100)) / 100;
}

function show(el, key) {
    const part = el.querySelector(`[data-key="${key}"]`);
    part?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/**
 * A picture with numbered markers and, beside it, the list of what they mean. What is
 * pointed at or chosen in one is marked in the other.
 *
 * Parts are `{ key, number, x, y, name, code, quantity, uom }`, with x and y in per cent of
 * the picture from its upper left corner, whatever the direction of writing. What else is
 * to be said of a part goes into the slot `part`.
 */
export class ServicePartDiagram extends Component {
    static template = "service_management.ServicePartDiagram";
    static props = {
        image: String,
        name: { type: String, optional: true },
        parts: Array,
        hasList: { type: Boolean, optional: true },
        isEditable: { type: Boolean, optional: true },
        selected: { optional: true },
        onSelect: { type: Function, optional: true },
        onPlace: { type: Function, optional: true },
        onMove: { type: Function, optional: true },
        slots: { type: Object, optional: true },
    };
    static defaultProps = {
        name: "",
        hasList: true,
        isEditable: false,
        selected: null,
        onSelect: () => {},
        onPlace: () => {},
        onMove: () => {},
    };

    setup() {
        this.viewport = useRef("viewport");
        this.stage = useRef("stage");
        this.list = useRef("list");
        this.state = useState({
            zoom: 1,
            ratio: 4 / 3,
            hovered: null,
            selected: this.props.selected,
            dragged: null,
            hasFailed: false,
        });
        useEffect(
            (key) => {
                this.state.selected = key;
            },
            () => [this.props.selected]
        );
        useEffect(
            () => {
                this.state.hasFailed = false;
                this.state.zoom = 1;
            },
            () => [this.props.image]
        );
        useEffect(
            () => this.showCentre(),
            () => [this.state.zoom]
        );
    }

    // What is shown

    get parts() {
        return [...this.props.parts].sort((a, b) => a.number - b.number);
    }

    /** The picture is never higher than the window, unless one looks closer. */
    get stageStyle() {
        const { zoom, ratio } = this.state;
        return `width: calc(min(100%, 70vh * ${ratio.toFixed(4)}) * ${zoom});`;
    }

    markerStyle(part) {
        const { dragged } = this.state;
        const { x, y } = dragged && dragged.key === part.key ? dragged : part;
        // Inline, so that it is not mirrored where one writes from right to left
        return `left: ${x}%; top: ${y}%; transform: translate(-50%, -50%);`;
    }

    markerLabel(part) {
        return part.name
            ? _t("%(number)s: %(part)s", { number: part.number, part: part.name })
            : String(part.number);
    }

    isLit(part) {
        return this.state.hovered === part.key || this.state.selected === part.key;
    }

    onLoad(ev) {
        const { naturalWidth, naturalHeight } = ev.target;
        if (naturalWidth && naturalHeight) {
            this.state.ratio = naturalWidth / naturalHeight;
        }
    }

    // Choosing

    get selectedPart() {
        return this.props.parts.find(({ key }) => key === this.state.selected);
    }

    select(part) {
        this.state.selected = part.key;
        this.props.onSelect(part.key);
    }

    /** On a phone the list is below: there the caption tells what was touched. */
    selectMarker(part) {
        this.select(part);
        const list = this.list.el;
        if (list && list.scrollHeight > list.clientHeight) {
            show(list, part.key);
        }
    }

    selectRow(part) {
        this.select(part);
        show(this.stage.el, part.key);
    }

    hover(part) {
        this.state.hovered = part && part.key;
    }

    // Looking closer

    get canZoomIn() {
        return this.state.zoom < ZOOMS.at(-1);
    }

    get canZoomOut() {
        return this.state.zoom > ZOOMS[0];
    }

    zoom(step) {
        const index = ZOOMS.indexOf(this.state.zoom) + step;
        this.keepCentre();
        this.state.zoom = ZOOMS[Math.min(Math.max(index, 0), ZOOMS.length - 1)];
    }

    zoomOut() {
        this.state.zoom = ZOOMS[0];
    }

    keepCentre() {
        const el = this.viewport.el;
        this.centre = [
            (el.scrollLeft + el.clientWidth / 2) / el.scrollWidth,
            (el.scrollTop + el.clientHeight / 2) / el.scrollHeight,
        ];
    }

    showCentre() {
        const el = this.viewport.el;
        if (el && this.centre) {
            el.scrollLeft = this.centre[0] * el.scrollWidth - el.clientWidth / 2;
            el.scrollTop = this.centre[1] * el.scrollHeight - el.clientHeight / 2;
        }
    }

    onWheel(ev) {
        if (ev.ctrlKey) {
            ev.preventDefault();
            this.zoom(ev.deltaY < 0 ? 1 : -1);
        }
    }

    onKeydown(ev) {
        const steps = { "+": 1, "=": 1, "-": -1 };
        if (ev.key in steps && !ev.ctrlKey && !ev.metaKey) {
            ev.preventDefault();
            this.zoom(steps[ev.key]);
        }
    }

    // Placing and moving

    getPosition(ev) {
        const { left, top, width, height } = this.stage.el.getBoundingClientRect();
        return {
            x: clampPercent((100 * (ev.clientX - left)) / width),
            y: clampPercent((100 * (ev.clientY - top)) / height),
        };
    }

    onStageClick(ev) {
        if (this.props.isEditable) {
            const { x, y } = this.getPosition(ev);
            this.props.onPlace(x, y);
        }
    }

    onPointerDown(part, ev) {
        if (this.props.isEditable && ev.button === 0) {
            // For the arrow keys; not every browser does it for buttons
            ev.currentTarget.focus({ preventScroll: true });
            ev.currentTarget.setPointerCapture(ev.pointerId);
            this.start = { key: part.key, clientX: ev.clientX, clientY: ev.clientY };
        }
    }

    onPointerMove(ev) {
        if (!this.start) {
            return;
        }
        const way = Math.hypot(ev.clientX - this.start.clientX, ev.clientY - this.start.clientY);
        if (this.state.dragged || way > TREMBLE) {
            this.state.dragged = { key: this.start.key, ...this.getPosition(ev) };
        }
    }

    onPointerUp() {
        this.start = null;
        const { dragged } = this.state;
        if (dragged) {
            this.state.dragged = null;
            this.hasDragged = true;
            this.props.onMove(dragged.key, dragged.x, dragged.y);
        }
    }

    onPointerCancel() {
        this.start = null;
        this.state.dragged = null;
    }

    /** The click that ends a drag chooses nothing. */
    onMarkerClick(part) {
        if (this.hasDragged) {
            this.hasDragged = false;
            return;
        }
        this.selectMarker(part);
    }

    onMarkerKeydown(part, ev) {
        if (this.props.isEditable && ev.key in ARROWS) {
            ev.preventDefault();
            ev.stopPropagation();
            const step = ev.shiftKey ? BIG_STEP : STEP;
            const [dx, dy] = ARROWS[ev.key];
            const [x, y] = [part.x + dx * step, part.y + dy * step];
            this.props.onMove(part.key, clampPercent(x), clampPercent(y));
        }
    }
}
