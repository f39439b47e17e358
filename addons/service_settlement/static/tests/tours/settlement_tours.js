import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const card = (stage, count) =>
    `.o_service_cockpit_card[data-stage='${stage}'] .fs-3:contains(/^${count}$/)`;

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
    steps: () => [
        {
            trigger: "a.list-group-item:contains('ST')",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "details.o_settlement_dispute:first summary", run: "click" },
        { trigger: "details[open] input[name='amount']", run: "edit 95" },
        { trigger: "details[open] textarea[name='reason']", run: "edit Two came" },
        {
            trigger: "details[open] button[type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".alert-success:contains('Your dispute was sent')" },
    ],
});

tours.add("settlement_answer", {
    steps: () => [
        { trigger: ".o_data_row button[name='action_answer_ask']", run: "click" },
        { trigger: ".modal [name='answer'] textarea", run: "edit The weight is agreed" },
        { trigger: ".modal button[name='action_accept']", run: "click" },
        { trigger: ".o_view_nocontent" },
    ],
});

tours.add("settlement_confirm", {
    steps: () => [
        {
            trigger: "a.list-group-item:contains('ST')",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "section:contains('The weight is agreed')" },
        {
            trigger: "form[action$='/confirm'] button",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".alert-success:contains('it is confirmed')" },
    ],
});

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
