import { registry } from "@web/core/registry";

/** A click as the drawing tool hears it: it listens to the mouse, not to pointers. */
function clickDrawing({ anchor }) {
    const { left, top, width, height } = anchor.getBoundingClientRect();
    const place = {
        bubbles: true,
        cancelable: true,
        clientX: left + width / 2,
        clientY: top + height / 2,
        button: 0,
    };
    for (const type of ["mousedown", "mouseup", "click"]) {
        anchor.dispatchEvent(new MouseEvent(type, place));
    }
}

const PANEL = ".o_service_properties_panel";
const named = (name) => `${PANEL} #svc_name:value("${name}")`;

function openMenu(section, item) {
    return [
        {
            content: `menu of ${section}`,
            trigger: `.o_menu_sections [data-menu-xmlid="service_management.${section}"]`,
            run: "click",
        },
        {
            content: `to ${item}`,
            trigger: `.dropdown-menu [data-menu-xmlid="service_management.${item}"]`,
            run: "click",
        },
    ];
}

function fill(field, text) {
    return {
        content: `${field}: ${text}`,
        trigger: `.o_form_view .o_field_widget[name=${field}] :is(input, textarea)`,
        run: `edit ${text}`,
    };
}

const save = [
    { content: "save", trigger: ".o_form_button_save:visible", run: "click" },
    { content: "it is saved", trigger: ".o_form_view .o_form_saved" },
];

/** Go to a step by the list of all steps. */
function goTo(name) {
    return [
        {
            content: "unselect",
            trigger: `${PANEL}:has(.o_service_step), ${PANEL} [title="All Steps"]`,
            run({ anchor }) {
                if (anchor.matches("[title]")) {
                    anchor.click();
                }
            },
        },
        {
            content: `go to ${name}`,
            trigger: `.o_service_step:contains(/^${name}$/)`,
            run: "click",
        },
        { content: `${name} is selected`, trigger: named(name) },
    ];
}

/** Append by the menu beside the selected element, and name what was appended. */
function append(kind, name) {
    return [
        {
            content: `append ${kind}`,
            trigger: `.djs-context-pad.open .entry[data-action="append.${kind}"]`,
            run: clickDrawing,
        },
        {
            content: "the new element has no name yet",
            trigger: `${PANEL} #svc_name:not(:value(/./))`,
            run: `edit ${name} && click .o_service_properties_panel h3`,
        },
        {
            content: `${name} is on the drawing`,
            trigger: `.djs-container .djs-label:contains(${name.split(" ")[0]})`,
        },
        { content: "and still selected", trigger: named(name) },
    ];
}

function choose(id, value) {
    return { content: `${id}: ${value}`, trigger: `${PANEL} #${id}`, run: `select ${value}` };
}

function stage(name) {
    return [
        {
            content: "choose a stage",
            trigger: `${PANEL} [data-name=stage] input`,
            run: `edit ${name}`,
        },
        {
            content: `stage ${name}`,
            trigger: `.o-autocomplete--dropdown-item:contains(${name})`,
            run: "click",
        },
        { content: "it is kept", trigger: `${PANEL} [data-name=stage] input:value(${name})` },
    ];
}

registry.category("web_tour.tours").add("service_workflow_draw", {
    steps: () => [
        { content: "the apps", trigger: ".o_navbar_apps_menu button", run: "click" },
        {
            content: "the app",
            trigger: '.o_app[data-menu-xmlid="service_management.menu_service_root"]',
            run: "click",
        },
        // A kind of service
        ...openMenu("menu_service_configuration", "menu_service_type"),
        { trigger: ".o_list_button_add", run: "click" },
        fill("name", "Calibration"),
        fill("code", "calibration"),
        {
            content: "nobody goes to the customer",
            trigger: ".o_field_widget[name=visit_required] input:checked",
            run: "click",
        },
        ...save,
        // Its workflow
        ...openMenu("menu_service_configuration", "menu_service_workflow"),
        { trigger: ".o_list_view .o_data_row:contains(Repair)" },
        { trigger: ".o_list_button_add", run: "click" },
        fill("name", "Calibration"),
        fill("code", "calibration"),
        fill("type_ids", "Calibration"),
        {
            trigger: ".o-autocomplete--dropdown-item:contains(/^Calibration$/)",
            run: "click",
        },
        { trigger: ".o_field_widget[name=type_ids] .o_tag:contains(Calibration)" },
        { content: "draw it", trigger: "button[name=action_edit]", run: "click" },
        // The draft comes with a way of one task: what follows registering is drawn
        { content: "the designer", trigger: ".djs-palette .entry[data-action='create.user_task']" },
        ...goTo("Answer the Request"),
        {
            content: "remove the task",
            trigger: `${PANEL} button:contains(/^Remove$/)`,
            run: "click",
        },
        ...goTo("Closed"),
        {
            content: "remove the end",
            trigger: `${PANEL} button:contains(/^Remove$/)`,
            run: "click",
        },
        {
            content: "what is missing is said",
            trigger: ".o_service_problem_toggle:contains(problem)",
        },
        {
            content: "select the first task on the drawing",
            trigger: ".o_service_step:contains(Complete the Request)",
            run: "click",
        },
        ...append("user_task", "Look at the Device"),
        choose("svc_actor", "role"),
        choose("svc_role", "manager"),
        {
            content: "four working hours",
            trigger: `${PANEL} #svc_hours`,
            run: "edit 4 && click .o_service_properties_panel h3",
        },
        {
            content: "the priority has to be set",
            trigger: `${PANEL} [data-name=required] input`,
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains(/^Priority$/)",
            run: "click",
        },
        { trigger: `${PANEL} [data-name=required] .o_tag:contains(Priority)` },
        ...append("exclusive", "Urgency"),
        ...append("user_task", "Calibrate Now"),
        choose("svc_actor", "role"),
        choose("svc_role", "manager"),
        ...append("end", "Done at Once"),
        ...stage("Closed"),
        ...goTo("Urgency"),
        ...append("user_task", "Calibrate Later"),
        ...append("end", "Done"),
        ...stage("Closed"),
        // Which way
        ...goTo("Urgency"),
        {
            content: "the way to later is taken otherwise",
            trigger: `${PANEL} #svc_default`,
            run: "selectByLabel → Calibrate Later",
        },
        {
            content: "the way to now has a condition",
            trigger: `${PANEL} .o_service_way:contains(Calibrate Now)`,
            run: "click",
        },
        {
            trigger: `${PANEL} [data-name=condition] select`,
            run: "select expression",
        },
        {
            trigger: `${PANEL} [data-name=condition] textarea`,
            run: "edit order.priority == '3' && click .o_service_properties_panel h3",
        },
        // The button that registers every order also goes on here
        ...goTo("Complete the Request"),
        {
            content: "the way on from registering",
            trigger: `${PANEL} .o_service_way:contains(Look at the Device)`,
            run: "click",
        },
        choose("svc_signal", "new"),
        // A problem, seen and mended
        {
            content: "one problem is left",
            trigger: ".o_service_problem_toggle:contains(/^1 problem$/)",
            run: "click",
        },
        {
            content: "the step is marked on the drawing",
            trigger: ".djs-overlays .o_service_wrong_badge",
        },
        {
            content: "go to it",
            trigger: ".o_service_problem[data-code=task_without_actor]",
            run: "click",
        },
        { trigger: named("Calibrate Later") },
        choose("svc_actor", "role"),
        choose("svc_role", "manager"),
        { trigger: ".o_service_problem_toggle:contains(No problems)" },
        // Publish
        { trigger: "button[name=action_publish]", run: "click" },
        { trigger: ".modal-footer .btn-primary", run: "click" },
        {
            content: "it is published",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Published)",
        },
        {
            content: "and only to be looked at",
            trigger: ".o_service_designer:not(:has(.djs-palette))",
        },
        {
            content: "as it was drawn last",
            trigger: ".o_service_designer:not(:has(.djs-palette)) .djs-label:contains(Calibrate)",
        },
        // An order of the new kind goes its way
        ...openMenu("menu_service_orders", "menu_service_order_all"),
        { trigger: ".o_list_button_add", run: "click" },
        fill("partner_id", "Test Customer"),
        {
            trigger: ".o-autocomplete--dropdown-item:contains(/^Test Customer$/)",
            run: "click",
        },
        { trigger: ".o_field_widget[name=phone] input:value(/8000/)" },
        fill("type_id", "Calibration"),
        {
            trigger: ".o-autocomplete--dropdown-item:contains(/^Calibration$/)",
            run: "click",
        },
        fill("description", "Shows two degrees too much"),
        { trigger: "button[name=action_register]", run: "click" },
        {
            content: "the first task, with its button",
            trigger: ".o_service_action:contains(Look at the Device) button",
            run: "click",
        },
        {
            content: "what the task asks for",
            trigger: ".modal [name=priority] input",
            run: "click",
        },
        { trigger: ".o_select_menu_item:contains(/^Urgent$/)", run: "click" },
        { trigger: ".modal [name=priority] input:value(Urgent)" },
        { trigger: ".modal-footer .btn-primary", run: "click" },
        {
            content: "the gateway chose by the condition",
            trigger: ".o_service_action:contains(Calibrate Now) button",
            run: "click",
        },
        {
            content: "the order is closed",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Closed)",
        },
        { trigger: ".nav-link[name=progress]", run: "click" },
        { content: "it has ended", trigger: ".o_service_progress_end" },
        {
            content: "on the way through the gateway",
            trigger: ".o_service_progress_visit:contains(Calibrate Now)",
        },
        { trigger: ".djs-shape.o_service_visited .djs-label:contains(Calibrate)" },
    ],
});
