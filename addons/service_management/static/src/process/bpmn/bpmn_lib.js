import { loadBundle } from "@web/core/assets";
import { _t } from "@web/core/l10n/translation";
import { translate } from "./bpmn_translate";
import { SERVICE_MODDLE } from "./service_moddle";

const BUNDLES = {
    modeler: ["service_management.bpmn_modeler", "ServiceBpmnModeler"],
    viewer: ["service_management.bpmn_viewer", "ServiceBpmnViewer"],
};

/**
 * The class that draws: the modeler to edit, the much smaller viewer to look at.
 *
 * @param {"modeler"|"viewer"} kind
 */
export async function loadBpmn(kind) {
    const [bundle, name] = BUNDLES[kind];
    await loadBundle(bundle);
    const BpmnClass = window[name];
    if (!BpmnClass) {
        throw new Error(_t("The drawing tool could not be loaded. Reload the page."));
    }
    return BpmnClass;
}

/** An instance of such a class, with our attributes and our language. */
export function createBpmn(BpmnClass, { container, modules = [] }) {
    return new BpmnClass({
        container,
        moddleExtensions: { svc: SERVICE_MODDLE },
        additionalModules: [{ translate: ["value", translate] }, ...modules],
    });
}

// What of the room a fitted diagram takes.
const MARGIN = 0.94;

/** Show all of the diagram, but never larger than drawn. */
export function fitDiagram(canvas) {
    const { clientWidth, clientHeight } = canvas.getContainer();
    if (!clientWidth || !clientHeight) {
        return;
    }
    canvas.zoom("fit-viewport", "auto");
    canvas.zoom(Math.min(1, canvas.zoom() * MARGIN), "auto");
}
