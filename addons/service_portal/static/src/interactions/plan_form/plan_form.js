import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** A free time fills in who comes, and the start. */
export class ServicePlanForm extends Interaction {
    static selector = ".o_service_plan_form";
    dynamicContent = {
        ".o_service_slot": { "t-on-change": this.onSlotChange },
    };

    onSlotChange(ev) {
        const option = ev.target.selectedOptions[0];
        if (option?.value) {
            this.el.querySelector("[name=start]").value = option.value;
            const ids = option.dataset.technicians.split(",");
            for (const [index, select] of this.el
                .querySelectorAll("[name=technician_id]")
                .entries()) {
                select.value = ids[index] || "";
            }
        }
    }
}

registry.category("public.interactions").add("service_portal.plan_form", ServicePlanForm);
