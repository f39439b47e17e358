import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("service_call_intake", {
    steps: () => [
        {
            content: "open the phone form from a missed call",
            trigger: ".o_data_row:contains(Test Customer) button[name=action_open_intake]",
            run: "click",
        },
        { trigger: ".o_service_intake_caller:contains(13800138000)" },
        { trigger: ".o_service_intake_customer h2:contains(Test Customer)" },
        {
            content: "saved before anything is typed",
            trigger: ".o_service_intake_saving:contains(Saved)",
        },
        { trigger: "[name=intake_description]", run: "edit It leaks." },
        { trigger: "[name=intake_description]", run: "press control+Enter" },
        { trigger: ".o_service_intake_registered:contains(SV)" },
    ],
});

registry.category("web_tour.tours").add("service_call_unknown", {
    steps: () => [
        {
            content: "nobody has this number: the new customer has it already",
            trigger: ".o_data_row:contains(13900004711) button[name=action_open_intake]",
            run: "click",
        },
        {
            trigger: "[name=new_phone]",
            run() {
                if (this.anchor.value !== "13900004711") {
                    throw new Error(`the number is ${this.anchor.value}`);
                }
            },
        },
        { trigger: "[name=new_name]", run: "edit Han Mei" },
        { trigger: "[name=new_name]", run: "press Enter" },
        { trigger: ".o_service_intake_customer h2:contains(Han Mei)" },
        { trigger: ".o_service_intake_saving:contains(Saved)" },
    ],
});
