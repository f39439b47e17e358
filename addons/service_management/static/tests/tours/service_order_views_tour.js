import { registry } from "@web/core/registry";

function view(type, shown) {
    return [
        { content: `to the ${type}`, trigger: `.o_switch_view.o_${type}`, run: "click" },
        { content: `the ${type} is there`, trigger: shown },
    ];
}

registry.category("web_tour.tours").add("service_order_views", {
    steps: () => [
        { trigger: ".o_list_view .o_data_row:contains(Test Customer)" },
        ...view("kanban", ".o_kanban_view .o_kanban_record:contains(Test Customer)"),
        ...view("calendar", ".o_calendar_view .o_calendar_renderer .fc"),
        ...view("pivot", ".o_pivot_view table"),
        ...view("graph", ".o_graph_view canvas"),
        ...view("activity", ".o_activity_view"),
        ...view("list", ".o_list_view .o_data_row:contains(Test Customer)"),
        {
            content: "open the order",
            trigger: ".o_data_row:contains(Test Customer) .o_data_cell[name=partner_id]",
            run: "click",
        },
        {
            content: "its story",
            trigger: ".o_form_view .o_service_timeline_event:contains(Request Registered)",
        },
        {
            content: "its point and why",
            trigger: ".nav-link[name=dispatch]",
            run: "click",
        },
        { trigger: ".o_service_reason[data-code=satisfaction]" },
        {
            content: "the offer with every candidate",
            trigger: "[name=action_view_offers]",
            run: "click",
        },
        { trigger: ".o_breadcrumb .active:contains(Offers)" },
        {
            trigger: ".o_list_view .o_data_row .o_data_cell[name=point_id]",
            run: "click",
        },
        { trigger: ".o_form_view .o_service_candidate:contains(Test Point)" },
    ],
});

registry.category("web_tour.tours").add("service_dispatch_by_hand", {
    steps: () => [
        {
            content: "see who could serve the order",
            trigger: "button[name=action_open_dispatch]",
            run: "click",
        },
        { trigger: ".modal .o_data_row:contains(Test Point) .o_service_reason" },
        {
            content: "give it to the point",
            trigger: ".modal .o_data_row:contains(Test Point) button[name=action_assign]",
            run: "click",
        },
        {
            content: "plan the visit",
            trigger: ".o_form_view button[name=action_open_plan]",
            run: "click",
        },
        { trigger: ".modal [name=technician_ids]:contains(Test Technician)" },
        { trigger: ".modal button[name=action_confirm]", run: "click" },
        {
            trigger: ".o_form_view .o_service_timeline_event:contains(Visit Planned)",
        },
        {
            content: "move on to the visit",
            trigger: "button[name=action_view_visits]",
            run: "click",
        },
        { trigger: ".o_calendar_view" },
        { trigger: ".o_switch_view.o_list", run: "click" },
        {
            trigger: ".o_list_view .o_data_row .o_data_cell[name=planned_start]",
            run: "click",
        },
        { trigger: ".o_form_view button[name=action_en_route]", run: "click" },
        { trigger: ".o_form_view button[name=action_on_site]", run: "click" },
        { trigger: ".o_form_view button[name=action_done]" },
    ],
});
