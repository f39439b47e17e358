import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";
import { countUnsent, wipe } from "@service_portal/day/store/day_db";

/** Logging out of any page takes the technician's visits off the device. */
export class ServiceDayLogout extends Interaction {
    static selector = "a[href^='/web/session/logout']";
    dynamicContent = {
        _root: { "t-on-click.prevent": this.onLogout },
    };

    async onLogout() {
        const unsent = await this.waitFor(countUnsent());
        const question = _t("What was not sent yet is lost when you log out.");
        if (!unsent || window.confirm(question)) {
            await this.waitFor(wipe());
            window.location.href = this.el.href;
        }
    }
}

registry.category("public.interactions").add("service_portal.day_logout", ServiceDayLogout);
