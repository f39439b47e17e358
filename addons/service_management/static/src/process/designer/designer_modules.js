import { _t } from "@web/core/l10n/translation";
import { getKind, getKinds, getReplacements, getShapeAttributes } from "../bpmn/bpmn_subset";

/** The palette: the tools, then every kind of element that a workflow may have. */
class ServicePalette {
    static $inject = [
        "palette",
        "create",
        "elementFactory",
        "spaceTool",
        "lassoTool",
        "handTool",
        "globalConnect",
    ];

    constructor(palette, create, elementFactory, spaceTool, lassoTool, handTool, globalConnect) {
        Object.assign(this, { create, elementFactory });
        this.tools = {
            "hand-tool": [_t("Move the Drawing"), (ev) => handTool.activateHand(ev)],
            "lasso-tool": [_t("Select Several"), (ev) => lassoTool.activateSelection(ev)],
            "space-tool": [_t("Make Room"), (ev) => spaceTool.activateSelection(ev)],
            "connection-multi": [_t("Connect"), (ev) => globalConnect.start(ev)],
        };
        palette.registerProvider(this);
    }

    getPaletteEntries() {
        const entries = {};
        for (const [icon, [title, click]] of Object.entries(this.tools)) {
            entries[`tool.${icon}`] = {
                group: "tools",
                className: `bpmn-icon-${icon}`,
                title: String(title),
                action: { click },
            };
        }
        entries["tool-separator"] = { group: "tools", separator: true };
        for (const kind of getKinds()) {
            if (kind.group === "boundary") {
                continue;
            }
            const start = (ev) =>
                this.create.start(ev, this.elementFactory.createShape(getShapeAttributes(kind)));
            entries[`create.${kind.id}`] = {
                group: kind.group,
                className: kind.icon,
                title: String(kind.label),
                action: { dragstart: start, click: start },
            };
        }
        return entries;
    }
}

/** What is offered beside the selected element. */
class ServiceContextPad {
    static $inject = [
        "contextPad",
        "modeling",
        "elementFactory",
        "connect",
        "create",
        "popupMenu",
        "autoPlace",
    ];

    constructor(contextPad, modeling, elementFactory, connect, create, popupMenu, autoPlace) {
        Object.assign(this, {
            contextPad,
            modeling,
            elementFactory,
            connect,
            create,
            popupMenu,
            autoPlace,
        });
        contextPad.registerProvider(this);
    }

    getMultiElementContextPadEntries(elements) {
        return { delete: this.getDelete(elements) };
    }

    getContextPadEntries(element) {
        const object = element.businessObject;
        if (element.type === "label" || !object.$instanceOf("bpmn:FlowNode")) {
            return element.parent ? { delete: this.getDelete([element]) } : {};
        }
        const kind = getKind(object);
        const entries = {};
        if (object.$type !== "bpmn:EndEvent") {
            for (const id of ["user_task", "exclusive", "end"]) {
                entries[`append.${id}`] = this.getAppend(id);
            }
            entries["append.more"] = {
                group: "model",
                className: "fa fa-ellipsis-h",
                title: _t("Append Something Else").toString(),
                action: { click: (ev, target) => this.openMenu(target, "service-append") },
            };
            entries.connect = {
                group: "connect",
                className: "bpmn-icon-connection-multi",
                title: _t("Connect").toString(),
                action: {
                    click: (ev, target) => this.connect.start(ev, target),
                    dragstart: (ev, target) => this.connect.start(ev, target),
                },
            };
        }
        if (getReplacements(kind).length) {
            entries.replace = {
                group: "edit",
                className: "bpmn-icon-screw-wrench",
                title: _t("Change element").toString(),
                action: { click: (ev, target) => this.openMenu(target, "bpmn-replace") },
            };
        }
        entries.delete = this.getDelete([element]);
        return entries;
    }

    getAppend(id) {
        const kind = getKinds().find((other) => other.id === id);
        const createShape = () => this.elementFactory.createShape(getShapeAttributes(kind));
        return {
            group: "model",
            className: kind.icon,
            title: _t("Append: %s", kind.label),
            action: {
                click: (ev, element) => this.autoPlace.append(element, createShape()),
                dragstart: (ev, element) =>
                    this.create.start(ev, createShape(), { source: element }),
            },
        };
    }

    getDelete(elements) {
        return {
            group: "edit",
            className: "bpmn-icon-trash",
            title: _t("Delete").toString(),
            action: { click: () => this.modeling.removeElements([...elements]) },
        };
    }

    openMenu(element, id) {
        const { left, bottom } = this.contextPad.getPad(element).html.getBoundingClientRect();
        const title = id === "bpmn-replace" ? _t("Change element") : _t("Append");
        this.popupMenu.open(
            element,
            id,
            { x: left, y: bottom + 5 },
            { title: title.toString(), width: 280 }
        );
    }
}

/** The menus of the context pad: what to append, what to turn an element into. */
class ServiceMenus {
    static $inject = [
        "popupMenu",
        "modeling",
        "elementFactory",
        "autoPlace",
        "bpmnReplace",
        "selection",
    ];

    constructor(popupMenu, modeling, elementFactory, autoPlace, bpmnReplace, selection) {
        const menu = (getEntries) => ({ getPopupMenuEntries: getEntries });
        const entriesOf = (kinds, action) =>
            Object.fromEntries(
                kinds.map((kind) => [
                    kind.id,
                    {
                        label: String(kind.label),
                        className: kind.icon,
                        action: () => action(kind),
                    },
                ])
            );
        popupMenu.registerProvider(
            "bpmn-replace",
            menu((element) =>
                entriesOf(getReplacements(getKind(element.businessObject)), (kind) =>
                    selection.select(bpmnReplace.replaceElement(element, getShapeAttributes(kind)))
                )
            )
        );
        popupMenu.registerProvider(
            "service-append",
            menu((element) => {
                const isTask = element.businessObject.$instanceOf("bpmn:Activity");
                const kinds = getKinds().filter(
                    (kind) => kind.id !== "start" && (isTask || kind.group !== "boundary")
                );
                return entriesOf(kinds, (kind) => {
                    const shape = elementFactory.createShape(getShapeAttributes(kind));
                    if (kind.group === "boundary") {
                        const place = {
                            x: element.x + element.width - 20,
                            y: element.y + element.height,
                        };
                        modeling.createShape(shape, place, element, { attach: true });
                        selection.select(shape);
                    } else {
                        autoPlace.append(element, shape);
                    }
                });
            })
        );
    }
}

/** Modules that limit the modeler to what a workflow may have. */
export function getDesignerModules() {
    return [
        {
            __init__: ["paletteProvider", "contextPadProvider", "replaceMenuProvider"],
            paletteProvider: ["type", ServicePalette],
            contextPadProvider: ["type", ServiceContextPad],
            replaceMenuProvider: ["type", ServiceMenus],
        },
    ];
}
