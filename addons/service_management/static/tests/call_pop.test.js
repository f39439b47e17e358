import { beforeEach, expect, test } from "@odoo/hoot";
import { advanceTime } from "@odoo/hoot-mock";
import { callPopService } from "@service_management/channel/call/call_pop_service";
import { browser } from "@web/core/browser/browser";

let hear;
let added;

function start() {
    added = [];
    return callPopService.start(
        {},
        {
            action: {
                doAction: (xmlid, { additionalContext }) =>
                    expect.step(`form ${additionalContext.service_call_id}`),
            },
            bus_service: {
                subscribe: (kind, callback) => {
                    expect(kind).toBe("service.call");
                    hear = callback;
                },
            },
            notification: {
                add: (message, options) => {
                    added.push({ message, ...options });
                    expect.step(`told ${message}`);
                    return () => expect.step("gone");
                },
            },
        }
    );
}

const CALL = { id: 7, number: "138", customer: "Li Lei" };

beforeEach(() => browser.localStorage.clear());

test("ringing tells who it is, answering opens the form once", async () => {
    start();
    hear({ ...CALL, event: "ringing", mode: "answered" });
    expect.verifySteps(["told Li Lei · 138"]);
    hear({ ...CALL, event: "answered", mode: "answered" });
    await advanceTime(1000);
    expect.verifySteps(["gone", "form 7"]);
    hear({ ...CALL, event: "answered", mode: "answered" });
    await advanceTime(1000);
    expect.verifySteps([]);
});

test("another tab has taken the call: this one leaves it alone", async () => {
    start();
    browser.localStorage.setItem("service_call_claim_7", String(Date.now()));
    hear({ ...CALL, event: "answered", mode: "answered" });
    await advanceTime(1000);
    expect.verifySteps([]);
});

test("who only wants to be told opens the form by the button", async () => {
    start();
    hear({ ...CALL, event: "ringing", mode: "notify" });
    await advanceTime(1000);
    expect.verifySteps(["told Li Lei · 138"]);
    added[0].buttons[0].onClick();
    expect.verifySteps(["gone", "form 7"]);
});

test("the form opens while it rings for those who want it so", async () => {
    start();
    hear({ ...CALL, event: "ringing", mode: "ringing" });
    await advanceTime(1000);
    expect.verifySteps(["form 7"]);
});

test("a call that is over is not shown any more", async () => {
    start();
    hear({ ...CALL, customer: "", event: "ringing", mode: "answered" });
    hear({ ...CALL, event: "missed", mode: "answered" });
    await advanceTime(1000);
    expect.verifySteps(["told 138", "gone"]);
});
