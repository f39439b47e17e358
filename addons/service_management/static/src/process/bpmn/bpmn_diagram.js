import {
    Component,
    onMounted,
    onWillStart,
    onWillUnmount,
    onWillUpdateProps,
    useRef,
} from "@odoo/owl";
import { createBpmn, fitDiagram, loadBpmn } from "./bpmn_lib";

/**
 * A diagram on the page. Re-mount it (``t-key``) to switch between looking and
 * drawing: the two are different classes of bpmn-js.
 */
export class BpmnDiagram extends Component {
    static template = "service_management.BpmnDiagram";
    static props = {
        xml: String,
        // Raised to draw the same XML again, over what was changed since.
        revision: { type: Number, optional: true },
        editable: { type: Boolean, optional: true },
        getModules: { type: Function, optional: true },
        // Called with the bpmn-js instance once, and after each import.
        onReady: { type: Function, optional: true },
        onImported: { type: Function, optional: true },
        onFailed: { type: Function, optional: true },
    };
    static defaultProps = {
        revision: 0,
        editable: false,
        getModules: () => [],
        onReady: () => {},
        onImported: () => {},
        onFailed: () => {},
    };

    setup() {
        this.container = useRef("container");
        onWillStart(async () => {
            this.BpmnClass = await loadBpmn(this.props.editable ? "modeler" : "viewer");
        });
        onMounted(() => {
            this.bpmn = createBpmn(this.BpmnClass, {
                container: this.container.el,
                modules: this.props.getModules(),
            });
            this.observer = new ResizeObserver(() => this.bpmn?.get("canvas").resized());
            this.observer.observe(this.container.el);
            this.props.onReady(this.bpmn);
            this.importXml(this.props.xml);
        });
        onWillUpdateProps(({ xml, revision }) => {
            if (xml !== this.props.xml || revision !== this.props.revision) {
                this.importXml(xml);
            }
        });
        onWillUnmount(() => {
            this.observer.disconnect();
            this.bpmn.destroy();
            this.bpmn = null;
        });
    }

    async importXml(xml) {
        const { bpmn } = this;
        try {
            await bpmn.importXML(xml);
        } catch (error) {
            if (this.bpmn) {
                this.props.onFailed(error);
            }
            return;
        }
        if (this.bpmn) {
            fitDiagram(bpmn.get("canvas"));
            this.props.onImported(bpmn);
        }
    }
}
