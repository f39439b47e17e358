import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";

/**
 * Offers the symptoms of the chosen product and the times that are free for it; the
 * server checks the same.
 */
export class ServiceRequestForm extends Interaction {
    static selector = ".o_service_request_form";
    dynamicContent = {
        "select[name=asset_id], select[name=category_id], select[name=type_id]": {
            "t-on-change": this.update,
        },
        "select[name=symptom_id]": {
            "t-on-change": this.update,
            "t-att-required": () => Boolean(this.type.selectedOptions[0]?.dataset.faultRequired),
        },
        ".o_service_request_windows": { "t-on-change": this.updateWish },
        ".o_service_wish": {
            "t-att-class": () => ({ "d-none": Boolean(this.window) }),
        },
        ".o_service_category": {
            "t-att-class": () => ({ "d-none": Boolean(this.asset?.value) }),
        },
    };

    setup() {
        this.type = this.el.querySelector("select[name=type_id]");
        this.asset = this.el.querySelector("select[name=asset_id]");
        this.category = this.el.querySelector("select[name=category_id]");
        this.symptom = this.el.querySelector("select[name=symptom_id]");
        this.symptomOptions = [...this.symptom.options];
        this.windows = this.el.querySelector(".o_service_request_windows");
        this.keepLast = new KeepLast();
        // A browser may have kept what was chosen before the page was loaded anew
        this.asked = this.type.value ? "" : this.subject;
        this.updateWish();
    }

    start() {
        this.update();
    }

    /** What the free times depend on, as the address of the form's part asks for it. */
    get subject() {
        const subject = {
            type_id: this.type.value,
            asset_id: this.asset?.value || "",
            symptom_id: this.symptom.value,
        };
        if (!subject.asset_id) {
            subject.category_id = this.category.value;
        }
        return new URLSearchParams(subject).toString();
    }

    updateWish() {
        this.window = this.windows.querySelector("input[name=window]:checked")?.value || "";
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
        if (this.subject !== this.asked) {
            this.asked = this.subject;
            this.showWindows(this.subject);
        }
    }

    async showWindows(subject) {
        // A redirection may be to the page's language, or to the login
        const address = `${this.el.getAttribute("action")}/windows?${subject}`;
        const window = encodeURIComponent(this.window);
        let part = "";
        try {
            part = await this.waitFor(
                this.keepLast.add(
                    fetch(`${address}&window=${window}`).then((response) =>
                        response.ok && response.url.includes("/new/windows?") ? response.text() : ""
                    )
                )
            );
        } catch {
            // Without a network the days and the call remain
        }
        // A time may have been chosen while the answer was on its way
        this.updateWish();
        const chosen = this.window;
        // Rendered and escaped by the server's own template
        this.windows.innerHTML = part;
        const inputs = [...this.windows.querySelectorAll("input[name=window]")];
        const kept = inputs.find((input) => input.value === chosen);
        if (kept) {
            kept.checked = true;
        }
        this.updateWish();
        this.updateContent();
    }
}

registry.category("public.interactions").add("service_portal.request_form", ServiceRequestForm);
