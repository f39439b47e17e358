import { registry } from "@web/core/registry";

const row = (name) => `.o_service_point_tree tbody tr:contains(${name})`;
const gone = (name) => `.o_service_point_tree:not(:has(tr:contains(${name})))`;

registry.category("web_tour.tours").add("service_point_tree", {
    steps: () => [
        {
            content: "headquarters and branches are open, centres closed",
            trigger: `${row("Tour HQ")}[aria-expanded=true]`,
        },
        { trigger: `${row("Tour Centre")}[aria-expanded=false]` },
        { trigger: gone("Tour Point") },
        { content: "open the centre", trigger: `${row("Tour Centre")} .o_toggle`, run: "click" },
        { trigger: row("Tour Point") },
        {
            content: "the keyboard: left to the centre, left closes it, right opens it",
            trigger: row("Tour Point"),
            run() {
                this.anchor.focus();
            },
        },
        { trigger: `${row("Tour Point")}:focus`, run: "press ArrowLeft" },
        { trigger: `${row("Tour Centre")}:focus`, run: "press ArrowLeft" },
        { trigger: gone("Tour Point") },
        { trigger: `${row("Tour Centre")}:focus`, run: "press ArrowRight" },
        { trigger: `${row("Tour Centre")}:focus`, run: "press ArrowDown" },
        { trigger: `${row("Tour Point")}:focus`, run: "press Home" },
        { trigger: ".o_service_point_tree tbody tr:first-child:focus" },
        {
            content: "by kind: the way up to it stays",
            trigger: ".o_service_point_tree .o_kind, .o_control_panel .o_kind",
            run: "select training",
        },
        { trigger: row("Tour Academy") },
        { trigger: gone("Tour Centre") },
        { trigger: row("Tour HQ") },
        { trigger: ".o_control_panel .o_kind", run: "select " },
        { content: "by state", trigger: ".o_control_panel .o_state", run: "select suspended" },
        { trigger: row("Tour Rest") },
        { trigger: gone("Tour Academy") },
        { trigger: ".o_control_panel .o_state", run: "select " },
        {
            content: "by name",
            trigger: ".o_control_panel input[type=search]",
            run: "edit tour point",
        },
        { trigger: row("Tour Point") },
        { trigger: gone("Tour Rest") },
        {
            content: "to the orders below",
            trigger: `${row("Tour Point")} [data-measure=technicians] a`,
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:contains(Tour Technician)" },
        { trigger: ".o_back_button a, .breadcrumb-item a", run: "click" },
        {
            content: "open the form",
            trigger: `${row("Tour HQ")} a:contains(Tour HQ)`,
            run: "click",
        },
        { trigger: ".o_form_view [name=name]:contains(Tour HQ), .o_form_view input" },
    ],
});

/** Drop what the step points at on the middle of something else. */
const dropOn = (selector) => (helpers) =>
    helpers.drag_and_drop(selector, { position: "center", relative: true });
const confirm = { trigger: ".modal .o_point_move_confirm:enabled", run: "click" };
const level = (name, depth) => `${row(name)}[aria-level="${depth}"]`;

registry.category("web_tour.tours").add("service_point_move", {
    steps: () => [
        { trigger: `${row("Tour South")}:not([aria-expanded])` },
        { trigger: row("Tour Point") },
        {
            content: "a parent does not come below its child",
            trigger: `${row("Tour North")} .o_name`,
            run: dropOn(`${row("Tour Point")} .o_name`),
        },
        { trigger: ".o_notification:contains(cannot belong to Tour Point)" },
        {
            content: "to the other branch",
            trigger: `${row("Tour Point")} .o_name`,
            run: dropOn(`${row("Tour South")} .o_name`),
        },
        { trigger: ".modal .o_point_move_parent input:value(Tour South)" },
        confirm,
        { content: "below it, and open", trigger: `${row("Tour South")}[aria-expanded=true]` },
        { trigger: `${row("Tour North")}:not([aria-expanded])` },
        {
            content: "back, by key",
            trigger: `${row("Tour Point")}:focus`,
            run: "press m",
        },
        { trigger: ".modal .o_point_move_confirm:disabled" },
        { trigger: ".modal .o_point_move_parent input", run: "edit Tour North" },
        { trigger: ".modal .dropdown-item:contains(Tour North)", run: "click" },
        confirm,
        { trigger: `${row("Tour North")}[aria-expanded=true]` },
        {
            content: "to the top, with the button of the row",
            trigger: `${level("Tour South", 2)} .o_move`,
            run: "click",
        },
        { trigger: ".modal .o_point_move_top", run: "click" },
        confirm,
        { trigger: level("Tour South", 1) },
    ],
});

registry.category("web_tour.tours").add("service_point_no_move", {
    steps: () => [
        { trigger: row("Tour HQ") },
        { trigger: ".o_service_point_tree:not(:has(.o_move))" },
        { trigger: row("Tour HQ"), run: (helpers) => helpers.anchor.focus() },
        { trigger: `${row("Tour HQ")}:focus`, run: "press m" },
        { trigger: "body:not(:has(.modal))" },
    ],
});
