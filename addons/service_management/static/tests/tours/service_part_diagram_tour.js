import { registry } from "@web/core/registry";

/** A click on the picture, at a share of its width and height. */
function clickPicture(anchor, x, y) {
    const { left, top, width, height } = anchor.getBoundingClientRect();
    const options = { bubbles: true, clientX: left + x * width, clientY: top + y * height };
    anchor.dispatchEvent(new MouseEvent("click", options));
}

/** A finger that goes down on a marker, moves by so many pixels, and lets go. */
function drag(anchor, dx, dy) {
    const { left, top, width, height } = anchor.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    anchor.setPointerCapture = () => {};
    for (const [type, clientX, clientY] of [
        ["pointerdown", x, y],
        ["pointermove", x + dx, y + dy],
        ["pointerup", x + dx, y + dy],
    ]) {
        const options = { bubbles: true, button: 0, pointerId: 1, clientX, clientY };
        anchor.dispatchEvent(new PointerEvent(type, options));
    }
    anchor.click();
}

const marker = (number) => `.o_service_part_marker:contains(/^${number}$/)`;

registry.category("web_tour.tours").add("service_part_diagram_edit", {
    steps: () => [
        { trigger: `${marker(1)}:not(.o_empty)` },
        {
            content: "a click on the picture places the next number",
            trigger: ".o_service_part_stage img",
            run() {
                clickPicture(this.anchor, 0.25, 0.75);
            },
        },
        { trigger: `${marker(3)}.o_empty.o_lit` },
        {
            content: "one after the other",
            trigger: ".o_service_part_stage img",
            run() {
                clickPicture(this.anchor, 0.9, 0.9);
            },
        },
        { trigger: ".o_notification:contains('Choose the part of marker 3 first')" },
        {
            content: "which part it is, is said in the list",
            trigger: "[name=hotspot_ids] .o_selected_row [name=part_id] input",
            run: "edit Test Board",
        },
        { trigger: ".o-autocomplete--dropdown-item:contains(Test Board)", run: "click" },
        { trigger: `${marker(3)}[title='3: Test Board']` },
        {
            content: "to the right by dragging, down by keys",
            trigger: marker(3),
            run() {
                const { width } = this.anchor.parentElement.getBoundingClientRect();
                drag(this.anchor, width / 4, 0);
            },
        },
        { trigger: `${marker(3)}:not([style*='left: 2'])`, run: "press Shift+ArrowDown" },
        { trigger: `${marker(3)}:not([style*='top: 74']):not([style*='top: 75'])` },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_saved, .o_form_view:not(:has(.o_form_button_save:visible))" },
    ],
});

registry.category("web_tour.tours").add("service_part_diagram_expect", {
    steps: () => [
        { trigger: ".nav-link[name=part_need]", run: "click" },
        { trigger: "button[name=action_view_part_diagrams]:visible", run: "click" },
        {
            content: "the marker lights its line",
            trigger: marker(1),
            run: "click",
        },
        {
            trigger:
                ".o_service_part_row.o_lit:contains(Test Pump):contains(In Warranty):contains(On Hand 3)",
        },
        {
            content: "the line lights its marker",
            trigger: ".o_service_part_row:contains(Frame) .o_service_part_name",
            run: "click",
        },
        { trigger: `${marker(2)}.o_lit` },
        {
            content: "what is not sold by itself cannot be chosen",
            trigger: ".o_service_part_row:contains(Frame):not(:has(.o_service_part_choose))",
        },
        { trigger: "button[aria-label='Look closer']", run: "click" },
        { trigger: "button[aria-label='Whole picture']", run: "click" },
        {
            trigger: ".o_service_part_row:contains(Test Pump) .o_service_part_choose",
            run: "click",
        },
        { trigger: ".o_service_part_row:contains(Test Pump):contains(1 expected)" },
        { trigger: ".o_back_button, .breadcrumb-item a:last", run: "click" },
        { trigger: "[name=part_need_ids] .o_data_row:contains(Test Pump)" },
    ],
});

registry.category("web_tour.tours").add("service_part_diagram_use", {
    steps: () => [
        { trigger: ".nav-link[name=parts]", run: "click" },
        { trigger: "button[name=action_view_part_diagrams]:visible", run: "click" },
        {
            trigger: ".o_service_part_row:contains(Test Pump) .o_service_part_choose",
            run: "click",
        },
        {
            content: "the window knows the part",
            trigger: ".modal [name=product_id] input:value(Test Pump)",
        },
        { trigger: ".modal button[name=action_confirm]", run: "click" },
        { trigger: ".o_service_part_row:contains(Test Pump):contains(1 noted)" },
        { trigger: ".o_back_button, .breadcrumb-item a:last", run: "click" },
        { trigger: ".o_service_part_lines:contains(Test Pump)" },
    ],
});
