import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("service_coverage_check", {
    steps: () => [
        { trigger: ".o_service_check_address input", run: "edit Test City, Road 1" },
        { trigger: ".o_service_check_address input", run: "press Tab" },
        {
            content: "the area is read from the text, the point is ranked",
            trigger: "[name=line_ids] .o_data_row:contains(Test Point)",
        },
        { trigger: ".o_service_map .o_service_map_marker.o_kind_point" },
        { trigger: ".o_service_map .o_service_map_marker.o_kind_order" },
        {
            content: "why: the reasons of the ranking",
            trigger: "[name=line_ids] .o_data_row .o_service_reasons",
        },
        { trigger: "button[special=cancel]:contains(Close)", run: "click" },
        { trigger: "body:not(:has([name=line_ids] .o_data_row))" },
    ],
});

registry.category("web_tour.tours").add("service_coverage_map", {
    steps: () => [
        {
            content: "the test district is a white spot, with its orders",
            trigger: ".o_service_coverage_side .list-group-item:contains(Bare District)",
        },
        { trigger: ".o_service_map .o_service_map_marker.o_kind_point" },
        { trigger: ".list-group-item:contains(Bare District) button:contains(Bare)", run: "click" },
        { trigger: ".list-group-item.o_selected:contains(Bare District)" },
        { trigger: ".o_service_coverage_conflicts", run: "click" },
        { trigger: ".list-group-item:contains(same first priority):contains(Rival)" },
        {
            content: "to the rows that say so",
            trigger: ".list-group-item:contains(Rival) button:contains(Rival)",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:contains(Rival)" },
    ],
});
