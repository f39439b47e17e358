import { _t } from "@web/core/l10n/translation";

/**
 * What a workflow may be drawn with, each kind with its BPMN type.
 *
 * @typedef {Object} Kind
 * @property {string} id
 * @property {string} type BPMN type
 * @property {string} [definition] type of its only event definition
 * @property {boolean} [cancelActivity] of a boundary event
 * @property {string} icon class of the icon font
 * @property {string} group event, task or gateway
 * @property {string} label
 *
 * @returns {Kind[]} in the order of the palette
 */
export function getKinds() {
    const timer = "bpmn:TimerEventDefinition";
    return [
        {
            id: "start",
            type: "bpmn:StartEvent",
            icon: "bpmn-icon-start-event-none",
            group: "event",
            label: _t("Start"),
        },
        {
            id: "timer",
            type: "bpmn:IntermediateCatchEvent",
            definition: timer,
            icon: "bpmn-icon-intermediate-event-catch-timer",
            group: "event",
            label: _t("Wait for a Time"),
        },
        {
            id: "message",
            type: "bpmn:IntermediateCatchEvent",
            definition: "bpmn:MessageEventDefinition",
            icon: "bpmn-icon-intermediate-event-catch-message",
            group: "event",
            label: _t("Wait for a Message"),
        },
        {
            id: "end",
            type: "bpmn:EndEvent",
            icon: "bpmn-icon-end-event-none",
            group: "event",
            label: _t("End"),
        },
        {
            id: "terminate",
            type: "bpmn:EndEvent",
            definition: "bpmn:TerminateEventDefinition",
            icon: "bpmn-icon-end-event-terminate",
            group: "event",
            label: _t("End Everything"),
        },
        {
            id: "user_task",
            type: "bpmn:UserTask",
            icon: "bpmn-icon-user-task",
            group: "task",
            label: _t("Task for a Person"),
        },
        {
            id: "service_task",
            type: "bpmn:ServiceTask",
            icon: "bpmn-icon-service-task",
            group: "task",
            label: _t("Automatic Task"),
        },
        {
            id: "call",
            type: "bpmn:CallActivity",
            icon: "bpmn-icon-call-activity",
            group: "task",
            label: _t("Run Another Workflow"),
        },
        {
            id: "exclusive",
            type: "bpmn:ExclusiveGateway",
            icon: "bpmn-icon-gateway-xor",
            group: "gateway",
            label: _t("One Way (Exclusive Gateway)"),
        },
        {
            id: "parallel",
            type: "bpmn:ParallelGateway",
            icon: "bpmn-icon-gateway-parallel",
            group: "gateway",
            label: _t("All Ways (Parallel Gateway)"),
        },
        {
            id: "inclusive",
            type: "bpmn:InclusiveGateway",
            icon: "bpmn-icon-gateway-or",
            group: "gateway",
            label: _t("Some Ways (Inclusive Gateway)"),
        },
        {
            id: "limit",
            type: "bpmn:BoundaryEvent",
            definition: timer,
            cancelActivity: true,
            icon: "bpmn-icon-intermediate-event-catch-timer",
            group: "boundary",
            label: _t("Time Limit, Ends the Task"),
        },
        {
            id: "reminder",
            type: "bpmn:BoundaryEvent",
            definition: timer,
            cancelActivity: false,
            icon: "bpmn-icon-intermediate-event-catch-non-interrupting-timer",
            group: "boundary",
            label: _t("Time Limit, the Task Goes On"),
        },
    ];
}

// Files from elsewhere: tasks that are a person's to do.
const ALIASES = { "bpmn:Task": "bpmn:UserTask", "bpmn:ManualTask": "bpmn:UserTask" };

/** @returns {Kind|undefined} the kind of a flow node, none when it is not supported */
export function getKind(businessObject) {
    const type = ALIASES[businessObject.$type] || businessObject.$type;
    const definitions = businessObject.eventDefinitions || [];
    const definition = definitions[0]?.$type;
    return getKinds().find(
        (kind) =>
            kind.type === type &&
            kind.definition === definition &&
            definitions.length <= 1 &&
            (kind.cancelActivity === undefined ||
                kind.cancelActivity === (businessObject.cancelActivity !== false))
    );
}

/** What a node of one kind may be turned into. */
export function getReplacements(kind) {
    if (!kind || kind.id === "start") {
        return [];
    }
    return getKinds().filter(
        (other) =>
            other.id !== kind.id &&
            other.id !== "start" &&
            (kind.group === "event" && other.group === "event"
                ? // An end has no way on: only ends are alike.
                  isEnd(kind) === isEnd(other)
                : other.group === kind.group)
    );
}

function isEnd(kind) {
    return kind.type === "bpmn:EndEvent";
}

/** What the element factory of bpmn-js needs to make a node of this kind. */
export function getShapeAttributes(kind) {
    const attributes = { type: kind.type };
    if (kind.definition) {
        attributes.eventDefinitionType = kind.definition;
    }
    if (kind.cancelActivity !== undefined) {
        attributes.cancelActivity = kind.cancelActivity;
    }
    return attributes;
}

export const EMPTY_DIAGRAM = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
        xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
        xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
        xmlns:svc="urn:service-suite:bpmn" id="Definitions_1"
        targetNamespace="urn:service-suite:bpmn">
    <bpmn:process id="Process_1" isExecutable="true">
        <bpmn:startEvent id="start" />
    </bpmn:process>
    <bpmndi:BPMNDiagram id="BPMNDiagram_1">
        <bpmndi:BPMNPlane id="BPMNPlane_1" bpmnElement="Process_1">
            <bpmndi:BPMNShape id="start_di" bpmnElement="start">
                <dc:Bounds x="172" y="112" width="36" height="36" />
            </bpmndi:BPMNShape>
        </bpmndi:BPMNPlane>
    </bpmndi:BPMNDiagram>
</bpmn:definitions>`;
