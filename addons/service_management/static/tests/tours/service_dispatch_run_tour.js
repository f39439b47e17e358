import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("service_dispatch_batch", {
    steps: () => [
        {
            content: "a new batch",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "all waiting orders at once",
            trigger: ".o_form_view button[name=action_compute]:visible",
            run: "click",
        },
        {
            content: "the preview says how many and what it saves",
            trigger: "[name=proposed_count]:contains(4)",
        },
        {
            content: "and for each order why",
            trigger: "[name=line_ids] .o_data_row [name=why]:contains(would cost)",
        },
        {
            content: "one row is left out",
            trigger: "[name=line_ids] .o_data_row:first [name=is_accepted] input",
            run: "click",
        },
        {
            content: "the others are applied",
            trigger: ".o_form_view button[name=action_apply].btn-primary:first",
            run: "click",
        },
        {
            content: "after a question",
            trigger: ".modal .btn-primary",
            run: "click",
        },
        {
            content: "the batch is done",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Applied)",
        },
        {
            content: "with three offers",
            trigger: "[name=applied_count]:contains(3)",
        },
    ],
});
