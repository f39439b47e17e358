import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

const INTAKE = "service_management.action_service_intake";
// Every tab of the agent hears of the call; the one that is looked at comes first.
const DELAYS = { focused: 0, visible: 200, hidden: 500 };
const CLAIM = "service_call_claim_";
const CLAIM_HOURS = 12;

/**
 * Says who is calling, and opens the phone form with the caller, as the agent wants
 * it: the message names the mode. Only one tab opens the form.
 */
export const callPopService = {
    dependencies: ["action", "bus_service", "notification"],
    start(env, { action, bus_service, notification }) {
        const shown = new Map();

        function openIntake(callId) {
            return action.doAction(INTAKE, {
                additionalContext: { service_call_id: callId },
            });
        }

        function close(callId) {
            shown.get(callId)?.();
            shown.delete(callId);
        }

        function notify(call) {
            close(call.id);
            const title = call.event === "answered" ? _t("On the line") : _t("Incoming call");
            shown.set(
                call.id,
                notification.add([call.customer, call.number].filter(Boolean).join(" · "), {
                    title,
                    type: "info",
                    sticky: true,
                    className: "o_service_call_pop",
                    buttons: [
                        {
                            name: _t("Open the Phone Form"),
                            primary: true,
                            onClick: () => {
                                close(call.id);
                                openIntake(call.id);
                            },
                        },
                    ],
                })
            );
        }

        bus_service.subscribe("service.call", (call) => {
            const isOver = ["hung_up", "missed"].includes(call.event);
            if (isOver) {
                close(call.id);
            } else if (call.mode === call.event) {
                close(call.id);
                claim(call.id, () => openIntake(call.id));
            } else if (call.event === "ringing" || call.mode === "notify") {
                notify(call);
            } else {
                close(call.id);
            }
        });
        return { openIntake };
    },
};

/** Run `open` in the first tab that takes the call. */
function claim(callId, open) {
    const attention = document.hasFocus()
        ? "focused"
        : document.visibilityState === "visible"
          ? "visible"
          : "hidden";
    browser.setTimeout(() => {
        const key = `${CLAIM}${callId}`;
        const now = Date.now();
        forgetClaims(now);
        if (!browser.localStorage.getItem(key)) {
            browser.localStorage.setItem(key, String(now));
            open();
        }
    }, DELAYS[attention]);
}

function forgetClaims(now) {
    for (const key of Object.keys(browser.localStorage)) {
        const age = now - Number(browser.localStorage.getItem(key));
        if (key.startsWith(CLAIM) && age > CLAIM_HOURS * 3600 * 1000) {
            browser.localStorage.removeItem(key);
        }
    }
}

registry.category("services").add("service_call_pop", callPopService);
