import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const card = (stage, count) =>
    `.o_service_cockpit_card[data-stage='${stage}'] .fs-3:contains(/^${count}$/)`;

// What the service point does on its page

const openStatement = {
    trigger: "a.list-group-item:contains('ST')",
    run: "click",
    expectUnloadPage: true,
};
const disputeSteps = (reason) => [
    { trigger: "details.o_settlement_dispute:first summary", run: "click" },
    { trigger: "details[open] input[name='amount']", run: "edit 95" },
    { trigger: "details[open] textarea[name='reason']", run: `edit ${reason}` },
    {
        trigger: "details[open] button[type='submit']",
        run: "click",
        expectUnloadPage: true,
    },
    { trigger: ".alert-success:contains('Your dispute was sent')" },
];
const confirmSteps = [
    { trigger: "section:contains('The weight is agreed')" },
    {
        trigger: "form[action$='/confirm'] button",
        run: "click",
        expectUnloadPage: true,
    },
    { trigger: ".alert-success:contains('it is confirmed')" },
];

// A month of the demonstration, as its accountant finds it

const anyCard = (stage) => card(stage, "[1-9]\\d*");
const backToCockpit = [
    { trigger: ".o_back_button, .breadcrumb-item:first a", run: "click" },
    { trigger: ".o_service_cockpit" },
];
/** Everything in the list behind a card, by the button above it. */
const doAll = (stage, button) => [
    { trigger: anyCard(stage), run: "click" },
    { trigger: "thead .o_list_record_selector input", run: "click" },
    { trigger: `.o_control_panel button[name='${button}']`, run: "click" },
];

tours.add("settlement_month_claims", {
    steps: () => [
        // No tariff line gives a price: the accountant enters what is paid, and why
        { trigger: anyCard("unpriced"), run: "click" },
        { trigger: ".o_data_row:first td[name='point_id']", run: "click" },
        { trigger: ".o_field_x2many_list_row_add a", run: "click" },
        { trigger: ".o_selected_row td[name='amount_approved'] input", run: "edit 64" },
        { trigger: ".o_selected_row td[name='note'] input", run: "edit Agreed by phone" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_saved" },
        {
            trigger: ".o_statusbar_buttons button[name='action_approve']",
            run: "click",
        },
        { trigger: ".o_arrow_button_current:contains('Approved')" },
        { trigger: ".breadcrumb-item:first a, .o_back_button", run: "click" },
        { trigger: ".o_service_cockpit, .o_list_view" },
    ],
});

tours.add("settlement_month_check", {
    steps: () => [
        ...doAll("unchecked", "action_approve_each"),
        { trigger: ".o_view_nocontent, .o_list_view" },
        ...backToCockpit,
        { trigger: card("unchecked", 0) },
        { trigger: anyCard("waiting") },
        { trigger: ".o_cockpit_settle", run: "click" },
        { trigger: ".modal input[data-value='draft']", run: "click" },
        { trigger: ".modal button[name='action_run_in_background']", run: "click" },
        { trigger: ".o_form_view .o_arrow_button_current:contains('Running')" },
    ],
});

tours.add("settlement_month_issue", {
    steps: () => [
        ...doAll("unissued", "action_issue"),
        { trigger: "body:not(:has(.o_data_row .badge:contains('Draft')))" },
        ...backToCockpit,
        { trigger: card("unissued", 0) },
        { trigger: anyCard("unconfirmed") },
    ],
});

tours.add("settlement_month_approve", {
    steps: () => [
        ...doAll("unapproved", "action_approve"),
        { trigger: "body:not(:has(.o_data_row .badge:contains('Confirmed')))" },
    ],
});

tours.add("settlement_month_bill", {
    steps: () => [
        ...doAll("unbilled", "action_bill"),
        ...backToCockpit,
        { trigger: card("unbilled", 0) },
        { trigger: anyCard("unpaid") },
        { trigger: ".o_service_cockpit_check.alert-success" },
    ],
});

tours.add("settlement_month_dispute", { steps: () => disputeSteps("Two came") });

tours.add("settlement_month_answer", {
    steps: () => [
        {
            trigger: ".o_data_row:contains('Two came') button[name='action_answer_ask']",
            run: "click",
        },
        { trigger: ".modal [name='answer'] textarea", run: "edit The weight is agreed" },
        { trigger: ".modal button[name='action_accept']", run: "click" },
        { trigger: "body:not(:has(.modal))" },
    ],
});

tours.add("settlement_month_confirm", { steps: () => confirmSteps });

tours.add("settlement_issue", {
    steps: () => [
        { trigger: card("waiting", 3) },
        { trigger: ".o_service_cockpit_check.alert-success" },
        { trigger: ".o_cockpit_settle", run: "click" },
        { trigger: ".modal button[name='action_run']", run: "click" },
        { trigger: ".o_list_view .o_data_row .badge:contains('Issued')" },
    ],
});

tours.add("settlement_dispute", {
    steps: () => [openStatement, ...disputeSteps("Two came")],
});

tours.add("settlement_answer", {
    steps: () => [
        { trigger: ".o_data_row button[name='action_answer_ask']", run: "click" },
        { trigger: ".modal [name='answer'] textarea", run: "edit The weight is agreed" },
        { trigger: ".modal button[name='action_accept']", run: "click" },
        { trigger: ".o_view_nocontent" },
    ],
});

tours.add("settlement_confirm", { steps: () => [openStatement, ...confirmSteps] });

tours.add("settlement_bill", {
    steps: () => [
        { trigger: card("unbilled", 1), run: "click" },
        { trigger: ".o_data_row .o_list_record_selector input", run: "click" },
        { trigger: "button[name='action_bill']", run: "click" },
        { trigger: ".breadcrumb-item a:contains('Month End'), .o_back_button", run: "click" },
        { trigger: card("unpaid", 1) },
        { trigger: ".o_service_cockpit_check.alert-success" },
    ],
});
