import { registry } from "@web/core/registry";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";
import { DecideProgress } from "./decide_progress";

/** The list of proposals, under how far those are that are being decided. */
export class ProposalListRenderer extends ListRenderer {
    static template = "service_management.ProposalListRenderer";
    static components = { ...ListRenderer.components, DecideProgress };
}

registry.category("views").add("service_scorecard_proposal_list", {
    ...listView,
    Renderer: ProposalListRenderer,
});
