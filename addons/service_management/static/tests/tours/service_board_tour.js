import { registry } from "@web/core/registry";

/** Drop what the step points at on the middle of something else. */
function dropOn(selector) {
    return (helpers) => helpers.drag_and_drop(selector, { position: "center", relative: true });
}

const zoomOut = {
    content: "have the whole day in sight",
    trigger: ".o_board_zoom button:first-child",
    run: "click",
};

registry.category("web_tour.tours").add("service_board_by_hand", {
    steps: () => [
        { trigger: ".o_board_card:contains(Test Customer)" },
        zoomOut,
        zoomOut,
        zoomOut,
        {
            content: "drop the order on the afternoon, when nobody works",
            trigger: ".o_board_card:contains(Test Customer)",
            run: dropOn(".o_board_row:contains(Mornings Only) .o_board_off"),
        },
        {
            content: "told why not",
            trigger: ".modal .o_board_broken:contains(does not work at this time)",
        },
        { trigger: ".modal .o_board_override:disabled" },
        { trigger: ".modal .o_board_reason", run: "edit The customer leaves tonight" },
        { trigger: ".modal .o_board_override", run: "click" },
        {
            content: "booked, and no longer waiting",
            trigger: ".o_board_row:contains(Mornings Only) .o_board_visit:contains(Test Customer)",
        },
        { trigger: ".o_board_left:not(:has(.o_board_card))" },
        { trigger: ".o_board_visit:contains(Test Customer)", run: "click" },
        { trigger: ".o_board_details .o_board_request" },
        {
            content: "locked by key: it cannot be dragged",
            trigger: ".o_board_visit:contains(Test Customer)",
            run: "press l",
        },
        { trigger: ".o_board_visit.o_board_fixed .fa-lock" },
        { trigger: ".o_board_details .o_board_lock", run: "click" },
        {
            content: "given to a colleague who has time",
            trigger: ".o_board_visit:not(.o_board_fixed):contains(Test Customer)",
            run: dropOn(".o_board_row:contains(Any Time) .o_board_lane"),
        },
        {
            trigger:
                ".o_board_row:contains(Any Time) .o_board_visit:not(.o_board_pending):contains(Test Customer)",
        },
    ],
});

registry.category("web_tour.tours").add("service_board_crew", {
    steps: () => [
        { trigger: ".o_board_card:contains(Test Customer)", run: "click" },
        {
            content: "both of the crew are proposed together: take the first time",
            trigger: ".o_board_details button:contains(Any Time):contains(Mornings Only)",
            run: "click",
        },
        {
            content: "the board shows it, whichever day it is on, with both",
            trigger: ".o_board_row:contains(Any Time) .o_board_visit:contains(Test Customer)",
        },
        {
            trigger: ".o_board_row:contains(Mornings Only) .o_board_visit:contains(Test Customer)",
        },
        { trigger: ".o_board_left:not(:has(.o_board_card))" },
    ],
});

registry.category("web_tour.tours").add("service_decide_progress", {
    steps: () => [
        {
            content: "how far the decisions are",
            trigger: ".o_service_decide_progress .progress[aria-valuenow='50']:contains(50%)",
        },
    ],
});
