import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** Offers the symptoms of the chosen product; the server checks the same. */
export class ServiceRequestForm extends Interaction {
    static selector = ".o_service_request_form";
    dynamicContent = {
        "select[name=asset_id], select[name=category_id], select[name=type_id]": {
            "t-on-change": this.update,
        },
        ".o_service_category": {
            "t-att-class": () => ({ "d-none": Boolean(this.asset?.value) }),
        },
        "select[name=symptom_id]": {
            "t-att-required": () => Boolean(this.type.selectedOptions[0]?.dataset.faultRequired),
        },
    };

    setup() {
        this.type = this.el.querySelector("select[name=type_id]");
        this.asset = this.el.querySelector("select[name=asset_id]");
        this.category = this.el.querySelector("select[name=category_id]");
        this.symptom = this.el.querySelector("select[name=symptom_id]");
        this.symptomOptions = [...this.symptom.options];
    }

    start() {
        this.update();
    }

    get categoryId() {
        const ofAsset = this.asset?.selectedOptions[0]?.dataset.category;
        return Number(ofAsset || this.category.value) || false;
    }

    update() {
        const chosen = this.symptom.value;
        const offered = this.symptomOptions.filter((option) => {
            const categories = JSON.parse(option.dataset.categories || "[]");
            return !categories.length || categories.includes(this.categoryId);
        });
        this.symptom.replaceChildren(...offered);
        this.symptom.value = offered.some((option) => option.value === chosen) ? chosen : "";
    }
}

registry.category("public.interactions").add("service_portal.request_form", ServiceRequestForm);
