import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** Sends a form once: a second tap on the button does nothing. */
export class ServiceForm extends Interaction {
    static selector = ".o_service_form";
    dynamicContent = {
        _root: { "t-on-submit": this.onSubmit },
        _window: { "t-on-pageshow": this.onPageShow },
    };

    onSubmit(ev) {
        if (this.sent) {
            ev.preventDefault();
            return;
        }
        if (ev.defaultPrevented) {
            return;
        }
        this.sent = true;
        for (const button of this.el.querySelectorAll("button[type=submit]")) {
            button.classList.add("disabled");
        }
    }

    /** Coming back with the browser's button, the form may be sent again. */
    onPageShow() {
        this.sent = false;
        for (const button of this.el.querySelectorAll("button[type=submit]")) {
            button.classList.remove("disabled");
        }
    }
}

registry.category("public.interactions").add("service_portal.form", ServiceForm);
