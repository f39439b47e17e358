import { registry } from "@web/core/registry";

const SEARCH = ".o_service_intake_search input";
const HIT = ".o_service_intake_search .o_service_combobox_list.show .dropdown-item";

/** Keyboard only: a step types where the focus is, or the tour fails. */
function assertFocus(selector) {
    const { activeElement } = document;
    if (!activeElement?.matches(selector)) {
        throw new Error(`focus is on ${activeElement?.outerHTML}, not on ${selector}`);
    }
}

function focused(selector, content) {
    return { content, trigger: selector, run: () => assertFocus(selector) };
}

registry.category("web_tour.tours").add("service_intake_keyboard", {
    steps: () => [
        focused(SEARCH, "the form waits for the caller's number"),
        {
            content: "type a part of the number, written in another way",
            trigger: SEARCH,
            run: "edit 138-0013",
        },
        { content: "the customer is found", trigger: `${HIT}:contains(Test Customer)` },
        { content: "take the first hit", trigger: SEARCH, run: "press Enter" },
        {
            content: "who it is, and what he has",
            trigger: ".o_service_intake_customer h2:contains(Test Customer)",
        },
        {
            content: "his open order is seen at once",
            trigger: ".o_service_intake_open .list-group-item:contains(Test Washer)",
        },
        {
            content: "choose the second asset by key",
            trigger: "input[name=intake_asset]",
            run: "press alt+2",
        },
        { trigger: ".o_service_intake_asset.o_service_chosen:contains(TW-0002)" },
        {
            content: "and the first again, which has an open order",
            trigger: "input[name=intake_asset]",
            run: "press alt+1",
        },
        { trigger: ".o_service_intake_asset.o_service_chosen:contains(TW-0001)" },
        {
            content: "the draft is kept and the open order pointed out",
            trigger: ".o_service_intake_duplicates a",
        },
        { trigger: ".o_service_intake_saving:contains(Saved)" },
        {
            content: "walk on to the service type",
            trigger: "body",
            run: () => document.querySelector("[name=intake_type]").focus(),
        },
        { trigger: "[name=intake_type]", run: "press Tab" },
        focused("#o_service_intake_symptom", "then comes the symptom"),
        { trigger: "#o_service_intake_symptom", run: "edit noise" },
        { trigger: ".o_service_combobox_list.show .dropdown-item:contains(noise)" },
        { trigger: "#o_service_intake_symptom", run: "press Enter" },
        { trigger: "#o_service_intake_symptom", run: "press Tab" },
        focused("[name=intake_description]", "then what happened"),
        { trigger: "[name=intake_description]", run: "edit It makes noise while spinning." },
        {
            content: "register from where the focus is",
            trigger: "[name=intake_description]",
            run: "press control+Enter",
        },
        {
            content: "the number of the order",
            trigger: ".o_service_intake_registered:contains(SV)",
        },
        focused(".o_service_intake_next", "Enter is enough for the next call"),
        { trigger: ".o_service_intake_next", run: "press Enter" },
        { trigger: ".o_service_intake_start" },
        focused(SEARCH, "ready for the next caller"),
    ],
});

registry.category("web_tour.tours").add("service_intake_new_customer", {
    steps: () => [
        { trigger: SEARCH, run: "edit Somebody Unheard Of" },
        { trigger: `${HIT}:contains(New customer)` },
        { trigger: SEARCH, run: "press Enter" },
        focused("[name=new_phone]", "the name is there already: ask for the number"),
        { trigger: "[name=new_phone]", run: "edit 139 0000 4711" },
        { trigger: "[name=new_street]", run: "edit 5 Harbour Road" },
        { trigger: "[name=new_street]", run: "press Enter" },
        {
            trigger: ".o_service_intake_customer h2:contains(Somebody Unheard Of)",
        },
        { trigger: "[name=intake_description]", run: "edit Please call back." },
        { content: "kept while typing", trigger: ".o_service_intake_saving:contains(Saved)" },
        {
            content: "what is missing is said in the form",
            trigger: "[name=intake_description]",
            run: "press control+Enter",
        },
        { trigger: ".o_service_intake_error:contains(Symptom)" },
        {
            content: "put it aside",
            trigger: "[name=intake_description]",
            run: "press alt+shift+n",
        },
        {
            content: "it waits among the drafts",
            trigger: ".o_service_intake_drafts button:contains(Please call back)",
            run: "click",
        },
        {
            content: "as it was",
            trigger: "[name=intake_description]",
            run() {
                if (this.anchor.value !== "Please call back.") {
                    throw new Error(`the draft says: ${this.anchor.value}`);
                }
            },
        },
    ],
});

registry.category("web_tour.tours").add("service_intake_resume", {
    steps: () => [
        {
            content: "the address leads to the draft",
            trigger: ".o_service_intake_customer h2:contains(Test Customer)",
        },
        {
            trigger: "[name=intake_description]",
            run() {
                if (this.anchor.value !== "It does not spin.") {
                    throw new Error(`the draft says: ${this.anchor.value}`);
                }
            },
        },
        { trigger: ".o_service_intake_asset.o_service_chosen:contains(TW-0001)" },
    ],
});
