import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** A free time fills in technician and start. */
export class ServicePlanForm extends Interaction {
    static selector = ".o_service_plan_form";
    dynamicContent = {
        ".o_service_slot": { "t-on-change": this.onSlotChange },
    };

    onSlotChange(ev) {
        const option = ev.target.selectedOptions[0];
        if (option?.value) {
            this.el.querySelector("[name=start]").value = option.value;
            this.el.querySelector("[name=technician_id]").value = option.dataset.technician;
        }
    }
}

registry.category("public.interactions").add("service_portal.plan_form", ServicePlanForm);
