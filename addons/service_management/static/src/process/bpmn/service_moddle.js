const text = (name) => ({ name, type: "String", isAttr: true });

/** Our own attributes in BPMN files, as bpmn-js reads and writes them. */
export const SERVICE_MODDLE = {
    name: "ServiceSuite",
    uri: "urn:service-suite:bpmn",
    prefix: "svc",
    xml: { tagAlias: "lowerCase" },
    types: [
        {
            name: "ServiceNode",
            extends: ["bpmn:FlowNode"],
            properties: [
                text("step"),
                text("stage"),
                text("actor"),
                text("role"),
                text("team"),
                text("required"),
                text("checklist"),
                text("attachments"),
                text("hours"),
                text("pauses"),
                text("customerText"),
                text("action"),
                text("message"),
            ],
        },
        {
            name: "ServiceFlow",
            extends: ["bpmn:SequenceFlow"],
            properties: [
                text("roles"),
                text("reason"),
                text("action"),
                text("template"),
                text("child"),
                // svc:set is left out: moddle would put it in place of its own set().
                text("signal"),
            ],
        },
    ],
};
