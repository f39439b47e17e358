import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("service_planning_emergency", {
    steps: () => [
        {
            content: "the urgent order has asked for a repair of the day",
            trigger: ".o_list_view .o_data_row:contains(Urgent) [name=reason]",
            run: "click",
        },
        {
            content: "the figures say that it is served then",
            trigger: ".o_service_planning_figures [name=unserved_after]:contains(0)",
        },
        {
            content: "a new visit for it",
            trigger:
                "[name=line_ids] .o_data_row:contains(Emergency):has([name=kind]:contains(New Visit))",
        },
        {
            content: "few of the others move, the locked one not at all",
            trigger: "[name=line_ids]",
            run() {
                const rows = [...this.anchor.querySelectorAll(".o_data_row")];
                if (rows.length > 5) {
                    throw new Error(`A repair of ${rows.length} changes`);
                }
                if (rows.some((row) => row.textContent.includes("Fixed Hour"))) {
                    throw new Error("The locked visit moves");
                }
            },
        },
        {
            content: "accepted by the dispatcher",
            trigger: ".o_form_view button[name=action_apply].btn-primary:visible:first",
            run: "click",
        },
        {
            content: "the plan is applied",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Applied)",
        },
    ],
});
