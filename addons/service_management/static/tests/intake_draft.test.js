import { beforeEach, expect, test } from "@odoo/hoot";
import { advanceTime, Deferred } from "@odoo/hoot-mock";
import { IntakeDraft } from "@service_management/order/intake/intake_draft";
import { browser } from "@web/core/browser/browser";

const KEY = "service_intake_test";
let calls;
let answer;

function makeDraft() {
    calls = [];
    answer = async () => ({ id: 5 });
    return new IntakeDraft({
        save(id, vals) {
            const { source_key: key, ...rest } = vals;
            calls.push([id, rest, Boolean(key)]);
            return answer();
        },
        onSaved: (saved) => expect.step(`saved ${saved.id}`),
        storageKey: KEY,
    });
}

beforeEach(() => browser.sessionStorage.removeItem(KEY));

test("nothing is saved before somebody is calling", async () => {
    const draft = makeDraft();
    draft.update({ description: "noise" });
    await advanceTime(2000);
    expect(calls).toEqual([]);
    expect(draft.state.status).toBe("dirty");
});

test("looking up a customer alone makes no draft", async () => {
    const draft = makeDraft();
    draft.stage({ partner_id: 3 });
    await advanceTime(2000);
    expect(calls).toEqual([]);
});

test("typing is saved once, 0.8 s after the last key", async () => {
    const draft = makeDraft();
    draft.stage({ partner_id: 3 });
    draft.update({ description: "n" });
    await advanceTime(500);
    draft.update({ description: "no" });
    await advanceTime(500);
    expect(calls).toEqual([]);
    await advanceTime(300);
    expect(calls).toEqual([[false, { partner_id: 3, description: "no" }, true]]);
    expect(draft.state.status).toBe("saved");
    draft.update({ priority: "2" });
    await advanceTime(800);
    expect(calls[1]).toEqual([5, { priority: "2" }, false]);
    expect.verifySteps(["saved 5", "saved 5"]);
});

test("two saves never overlap: one call, one draft", async () => {
    const draft = makeDraft();
    const slow = new Deferred();
    answer = () => slow;
    draft.update({ partner_id: 3 });
    await advanceTime(800);
    draft.update({ description: "noise" });
    await advanceTime(800);
    expect(calls).toHaveLength(1);
    slow.resolve({ id: 5 });
    await draft.flush();
    expect(calls[1]).toEqual([5, { description: "noise" }, false]);
    expect.verifySteps(["saved 5", "saved 5"]);
});

test("what could not be saved is shown, kept and tried again", async () => {
    const draft = makeDraft();
    answer = () => Promise.reject(new Error("connection lost"));
    draft.update({ partner_id: 3 });
    await advanceTime(800);
    expect(draft.state.status).toBe("error");
    expect(draft.state.message).toBe("connection lost");
    expect(JSON.parse(browser.sessionStorage.getItem(KEY)).pending).toEqual({ partner_id: 3 });
    answer = async () => ({ id: 5 });
    await advanceTime(5000);
    expect(draft.state.status).toBe("saved");
    expect(calls[1]).toEqual([false, { partner_id: 3 }, true]);
    expect.verifySteps(["saved 5"]);
});

test("a reload finds what was not saved yet", async () => {
    makeDraft().update({ partner_id: 3, description: "noise" });
    const draft = makeDraft();
    const left = draft.restore();
    expect(left.id).toBe(false);
    expect(left.pending).toEqual({ partner_id: 3, description: "noise" });
    expect(left.isTouched).toBe(true);
});

test("a reload after a mere look-up makes no draft either", () => {
    makeDraft().stage({ partner_id: 3 });
    expect(makeDraft().restore().isTouched).toBe(false);
});
