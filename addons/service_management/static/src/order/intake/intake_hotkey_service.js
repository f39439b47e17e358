import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

const MENU = "service_management.menu_service_intake";
const ACTION = "service_management.action_service_intake";

/** From anywhere to the phone form, for those who have it in their menu. */
export const intakeHotkeyService = {
    dependencies: ["action", "command", "localization", "menu"],
    start(env, { action, command, menu }) {
        command.add(_t("Phone Intake"), () => action.doAction(ACTION), {
            category: "app",
            global: true,
            hotkey: "alt+shift+i",
            hotkeyOptions: { bypassEditableProtection: true },
            isAvailable: () => menu.getAll().some((entry) => entry.xmlid === MENU),
        });
    },
};

registry.category("services").add("service_intake_hotkey", intakeHotkeyService);
