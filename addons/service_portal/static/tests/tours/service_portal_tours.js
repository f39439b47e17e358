import { registry } from "@web/core/registry";

/** A picture as a browser would pick it from the camera. */
async function pickPhoto(input) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 60;
    canvas.getContext("2d").fillRect(10, 10, 40, 40);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    const files = new DataTransfer();
    files.items.add(new File([blob], "drum.png", { type: "image/png" }));
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
}

function pick(select, text) {
    const option = [...select.options].find((option) => option.textContent.includes(text));
    select.value = option.value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Lets the next answer of the server wait until the returned function is called. */
function holdNextAnswer() {
    const { promise, resolve } = Promise.withResolvers();
    const { fetch } = window;
    window.fetch = async (...request) => {
        window.fetch = fetch;
        const response = await fetch(...request);
        await promise;
        return response;
    };
    return resolve;
}

let release;

registry.category("web_tour.tours").add("service_portal_request", {
    url: "/my",
    steps: () => [
        {
            content: "Open the requests",
            trigger: ".o_portal_docs a[href='/my/service/orders']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Start a new one",
            trigger: "a[href='/my/service/orders/new']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Choose the kind of service",
            trigger: "select[name=type_id]",
            run() {
                pick(this.anchor, "Tour Repair");
            },
        },
        {
            content: "Without a product, its kind is asked for",
            trigger: ".o_service_category:not(.d-none)",
        },
        {
            content: "Choose the product",
            trigger: "select[name=asset_id]",
            run() {
                pick(this.anchor, "Test Washer");
            },
        },
        {
            content: "The kind is known now",
            trigger: ".o_service_request_form:has(.o_service_category.d-none)",
        },
        {
            content: "Free times are shown",
            trigger: ".o_service_request_windows label",
        },
        {
            content: "Only symptoms of the product are offered",
            trigger: "select[name=symptom_id]",
            run() {
                if (this.anchor.textContent.includes("Tour: screen is cracked")) {
                    throw new Error("A symptom of another kind of product is offered");
                }
                release = holdNextAnswer();
                pick(this.anchor, "Tour: drum does not turn");
            },
        },
        {
            content: "Choose one of the times that are free, before they are shown anew",
            trigger: ".o_service_request_windows input[name=window]:not([value='']) + label",
            async run({ click }) {
                await click();
                release();
            },
        },
        {
            content: "Nobody is asked for days any more",
            trigger: ".o_service_request_form:has(.o_service_wish.d-none)",
        },
        {
            content: "Describe it",
            trigger: "textarea[name=description]",
            run: "edit Tour: it hums but does not spin",
        },
        {
            content: "Add a photo",
            trigger: ".o_service_photo_field input[type=file]",
            run() {
                return pickPhoto(this.anchor);
            },
        },
        {
            content: "The photo is shown before it is sent",
            trigger: ".o_service_photo_preview img",
        },
        {
            content: "Send it",
            trigger: ".o_service_request_form button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It was received",
            trigger: ".alert-success:contains('was received')",
        },
        {
            content: "The photo is on the timeline",
            trigger: ".o_service_timeline .o_service_photos img",
        },
        {
            content: "Write a message",
            trigger: "textarea[name=body]",
            run: "edit Tour: please ring twice",
        },
        {
            content: "Send the message",
            trigger: "form[action$='/message'] button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The message is on the timeline",
            trigger: ".o_service_timeline:contains('please ring twice')",
        },
    ],
});

registry.category("web_tour.tours").add("service_portal_job", {
    url: "/my",
    steps: () => [
        {
            content: "An offer waits",
            trigger: ".o_portal_docs a[href='/my/service/offers']:contains('1')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Open it",
            trigger: ".o_service_rows a",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Read why, and accept",
            trigger: "form[action$='/accept'] button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Choose a free time",
            trigger: ".o_service_slot",
            run() {
                this.anchor.selectedIndex = 1;
                this.anchor.dispatchEvent(new Event("change", { bubbles: true }));
            },
        },
        {
            content: "Technician and start follow from it",
            trigger: ".o_service_plan_form",
            run() {
                const technician = this.anchor.querySelector("[name=technician_id]");
                const start = this.anchor.querySelector("[name=start]");
                if (!technician.value || !start.value) {
                    throw new Error("The free time did not fill in the plan");
                }
            },
        },
        {
            content: "Plan the visit",
            trigger: ".o_service_plan_form button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "On the way",
            trigger: ".o_service_en_route",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Arrived",
            trigger: ".o_service_on_site",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Report",
            trigger: ".o_service_report.btn-primary",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Result",
            trigger: "select[name=outcome]",
            run: "select fixed",
        },
        {
            content: "What was done",
            trigger: "textarea[name=report]",
            run: "edit Tour: pump replaced",
        },
        {
            content: "One part of the own stock",
            trigger: "select[name=part_id]",
            run() {
                pick(this.anchor, "Test Pump");
            },
        },
        {
            content: "There is room for more parts",
            trigger: ".o_service_add_part",
            run: "click",
        },
        {
            content: "A second line",
            trigger: ".o_service_part_row:nth-child(2)",
        },
        {
            content: "Who signs",
            trigger: "input[name=signed_by]",
            run: "edit Tour Customer",
        },
        {
            content: "Sign",
            trigger: ".o_service_canvas",
            run() {
                const box = this.anchor.getBoundingClientRect();
                const pen = (type, x, y) =>
                    this.anchor.dispatchEvent(
                        new PointerEvent(type, {
                            bubbles: true,
                            clientX: box.left + x,
                            clientY: box.top + y,
                        })
                    );
                pen("pointerdown", 20, 20);
                pen("pointermove", 120, 60);
                pen("pointerup", 120, 60);
                if (!document.querySelector("[name=signature]").value) {
                    throw new Error("The signature was not taken");
                }
            },
        },
        {
            content: "Finish",
            trigger: ".o_service_report_form button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is reported",
            trigger: ".alert-success:contains('The visit is reported')",
        },
    ],
});

/** A picture in place of a scanned paper, and until when it is valid. */
async function handIn(form) {
    await pickPhoto(form.querySelector("input[type=file]"));
    const day = form.querySelector("input[name=valid_to]");
    if (day) {
        day.value = "2099-01-01";
    }
}

registry.category("web_tour.tours").add("service_portal_apply", {
    steps: () => [
        {
            content: "Who we are",
            trigger: "form[action='/service/apply'] input[name=name]",
            run: "edit Tour Repairs",
        },
        { trigger: "input[name=contact_name]", run: "edit Tour Wang Fang" },
        { trigger: "input[name=phone]", run: "edit +86 10 5550 9876" },
        { trigger: "input[name=email]", run: "edit tour.repairs@example.com" },
        {
            content: "Apply",
            trigger: "form[action='/service/apply'] button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The link comes by mail",
            trigger: "p:contains('look into your mailbox')",
        },
    ],
});

registry.category("web_tour.tours").add("service_portal_documents", {
    steps: () => [
        { content: "How far it is", trigger: ".badge:contains('Newly Received')" },
        {
            content: "The first paper",
            trigger: ".list-group-item:contains('needed'):not(:has(.rounded-pill)) form",
            run() {
                return handIn(this.anchor);
            },
        },
        {
            trigger: ".list-group-item:contains('needed'):not(:has(.rounded-pill)) form button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is there",
            trigger: ".alert-success:contains('we have it')",
        },
        {
            content: "The second one",
            trigger: ".list-group-item:contains('needed'):not(:has(.rounded-pill)) form",
            run() {
                return handIn(this.anchor);
            },
        },
        {
            trigger: ".list-group-item:contains('needed'):not(:has(.rounded-pill)) form button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Nothing that is needed is missing",
            trigger:
                ".o_service_rows:not(:has(.list-group-item:contains('needed'):not(:has(.rounded-pill))))",
        },
    ],
});

registry.category("web_tour.tours").add("service_portal_approve", {
    steps: () => [
        {
            content: "A manager looks at the application",
            trigger: "button[name=action_review]",
            run: "click",
        },
        {
            content: "and admits the point",
            trigger: "button[name=action_approve]",
            run: "click",
        },
        { trigger: ".o_arrow_button_current:contains('Approved')" },
        { trigger: "[name=point_id] a, [name=point_id] input" },
    ],
});

registry.category("web_tour.tours").add("service_portal_invited", {
    steps: () => [
        {
            content: "The invitation asks for a password",
            trigger: "input[name=password]",
            run: "edit tour-repairs-1",
        },
        { trigger: "input[name=confirm_password]", run: "edit tour-repairs-1" },
        {
            trigger: "form.oe_reset_password_form button[type=submit], form button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Signed in: the welcome list of the new point",
            trigger: "h3:contains('Welcome')",
        },
        { trigger: "h5:contains('Tour Repairs')" },
        {
            content: "The documents are checked, the technicians are still missing",
            trigger: "li:contains('Documents checked'):has(.text-bg-success)",
        },
        { trigger: "li:contains('Technicians'):has(.text-bg-warning)" },
        {
            content: "Put the list away",
            trigger: "form[action='/my/service/welcome/done'] button",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".o_portal_docs" },
    ],
});

registry.category("web_tour.tours").add("service_portal_part_pictures", {
    steps: () => [
        {
            content: "The marker lights its line",
            trigger: ".o_service_part_marker:contains('1')",
            run: "click",
        },
        { trigger: ".o_service_part_row.o_lit:contains('Test Pump'):contains('TP-1')" },
        { trigger: "button[aria-label='Look closer']", run: "click" },
        { trigger: "button[aria-label='Whole picture']", run: "click" },
        {
            content: "There is nothing to choose or to change",
            trigger: ".o_service_part_diagram:not(.o_editable):not(:has(.o_service_part_choose))",
        },
    ],
});
