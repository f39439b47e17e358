// Both files of bpmn-js publish the global BpmnJS: each is kept under its own name.
window.ServiceBpmnViewer = window.BpmnJS;
delete window.BpmnJS;
