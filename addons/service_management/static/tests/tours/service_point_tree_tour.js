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
