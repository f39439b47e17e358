"""BPMN 2.0 XML → a graph that the token engine runs, and what is wrong with it.

The subset (OMG formal/2011-01-03; anything else is refused by name):

- events: start, end, terminate end, intermediate catch of a timer or a message,
  boundary timer (interrupting or not);
- tasks: user task (``task`` and ``manualTask`` are read as one), service task, call
  activity;
- gateways: exclusive, parallel, inclusive;
- sequence flows, with a condition or as their source's default.

Two readings are ours, and documented for those who draw: of several flows that leave
a *user* task the person chooses one (BPMN would fork), and attributes of the
namespace ``urn:service-suite:bpmn`` say what BPMN has no word for.

The XML is data: no entity, no DTD, no network, and nothing in it is ever executed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
SVC = "urn:service-suite:bpmn"
MAX_BYTES = 2_000_000
MAX_NODES = 500

START, END, TERMINATE = "start", "end", "terminate"
USER_TASK, SERVICE_TASK, CALL = "user_task", "service_task", "call"
EXCLUSIVE, PARALLEL, INCLUSIVE = "exclusive", "parallel", "inclusive"
TIMER, MESSAGE, BOUNDARY = "timer", "message", "boundary"

KINDS = (
    START,
    END,
    TERMINATE,
    USER_TASK,
    SERVICE_TASK,
    CALL,
    EXCLUSIVE,
    PARALLEL,
    INCLUSIVE,
    TIMER,
    MESSAGE,
    BOUNDARY,
)
GATEWAYS = (EXCLUSIVE, PARALLEL, INCLUSIVE)
# Where a token stays until something happens.
RESTING = (USER_TASK, CALL, TIMER, MESSAGE, BOUNDARY)
_SIMPLE_KINDS = {
    "startEvent": START,
    "endEvent": END,
    "userTask": USER_TASK,
    "manualTask": USER_TASK,
    "task": USER_TASK,
    "serviceTask": SERVICE_TASK,
    "callActivity": CALL,
    "exclusiveGateway": EXCLUSIVE,
    "parallelGateway": PARALLEL,
    "inclusiveGateway": INCLUSIVE,
    "intermediateCatchEvent": None,
    "boundaryEvent": BOUNDARY,
}
# Says something to people and nothing to the engine.
_IGNORED = {
    "documentation",
    "extensionElements",
    "laneSet",
    "textAnnotation",
    "association",
    "group",
    "category",
    "dataObject",
    "dataObjectReference",
    "dataStoreReference",
    "ioSpecification",
    "property",
}
_DURATION = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
_UNIT_SECONDS = {
    "weeks": 604800,
    "days": 86400,
    "hours": 3600,
    "minutes": 60,
    "seconds": 1,
}


class BpmnError(Exception):
    """The text is no BPMN process at all; ``code`` says why."""

    def __init__(self, code: str, **params):
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps a process from being published: where, what, and the values of the
    sentence that a person reads."""

    element_id: str
    code: str
    params: dict = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow. ``attrs`` are its ``svc:`` attributes without the prefix."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str = ""
    attrs: dict = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node with its flows' ids in the order of the document.

    ``seconds`` is the wall-clock duration of a timer, ``None`` where ``svc:hours``
    (working time) stands; ``host`` is the node that a boundary event sits on.
    """

    id: str
    kind: str
    name: str = ""
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    default: str | None = None
    host: str | None = None
    interrupting: bool = True
    boundary: tuple[str, ...] = ()
    called: str = ""
    seconds: int | None = None
    attrs: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """A process ready to run. Immutable: what is derived is computed once."""

    id: str
    name: str
    nodes: dict[str, Node]
    flows: dict[str, Flow]

    @cached_property
    def start(self) -> Node | None:
        return next((n for n in self.nodes.values() if n.kind == START), None)

    @cached_property
    def order(self) -> dict[str, int]:
        """Node id → its place on the way from the start, breadth first."""
        places: dict[str, int] = {}
        queue = [self.start.id] if self.start else []
        while queue:
            following = []
            for node_id in queue:
                if node_id not in places:
                    places[node_id] = len(places)
                    following += self._next(node_id)
            queue = following
        return places

    def _next(self, node_id: str) -> Iterator[str]:
        node = self.nodes[node_id]
        for flow_id in node.outgoing:
            yield self.flows[flow_id].target
        yield from node.boundary

    @cached_property
    def _reach_cache(self) -> dict:
        return {}

    def flows_ahead(self, node_id: str, without: str = "") -> frozenset[str]:
        """Flows that a token at ``node_id`` may still take, never through ``without``
        (a node)."""
        key = (node_id, without)
        if key not in self._reach_cache:
            seen: set[str] = set()
            flows: set[str] = set()
            queue = [node_id]
            while queue:
                current = queue.pop()
                if current in seen or (current == without and current != node_id):
                    continue
                seen.add(current)
                node = self.nodes[current]
                flows.update(node.outgoing)
                queue += [self.flows[flow_id].target for flow_id in node.outgoing]
                queue += node.boundary
            self._reach_cache[key] = frozenset(flows)
        return self._reach_cache[key]

    def waits_for_others(self, node_id: str) -> frozenset[str]:
        """Flows into parallel joins ahead of ``node_id`` that its own token can never
        fill: other tokens have to."""
        key = ("others", node_id)
        if key not in self._reach_cache:
            ahead = self.flows_ahead(node_id)
            others: set[str] = set()
            for node in self.nodes.values():
                if node.kind == PARALLEL and len(node.incoming) > 1:
                    reached = self.flows_ahead(node_id, without=node.id)
                    if node.id != node_id and not ahead.isdisjoint(node.incoming):
                        others.update(set(node.incoming) - reached)
            self._reach_cache[key] = frozenset(others)
        return self._reach_cache[key]


def parse_duration(text: str) -> int | None:
    """Seconds of an ISO 8601 duration (weeks to seconds); ``None`` if it is none."""
    match = _DURATION.fullmatch(text.strip())
    if not match or not any(match.groupdict().values()):
        return None
    return sum(
        int(value) * _UNIT_SECONDS[unit]
        for unit, value in match.groupdict().items()
        if value
    )


def parse_xml(text: str | bytes) -> etree._Element:
    """The root element, read without entities, DTD or network."""
    data = text.encode() if isinstance(text, str) else text
    if len(data) > MAX_BYTES:
        raise BpmnError("too_large", limit=MAX_BYTES)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise BpmnError("not_xml", error=str(error)) from error
    if root.getroottree().docinfo.doctype:
        raise BpmnError("doctype")
    if root.tag != f"{{{BPMN}}}definitions":
        raise BpmnError("not_bpmn")
    return root


def name_elements(text: str, names: Mapping[str, str]) -> str:
    """The XML with other words on its elements; unchanged where they are the same.

    :param names: the word of an element by its id; empty ones are left out
    """
    root = parse_xml(text)
    is_other = False
    for element in root.iterfind(f"{{{BPMN}}}process/*[@id]"):
        name = names.get(element.get("id"))
        if name and element.get("name") not in (None, name):
            element.set("name", name)
            is_other = True
    if not is_other:
        return text
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8").decode()


def has_diagram(root: etree._Element) -> bool:
    return root.find(f".//{{{BPMNDI}}}BPMNShape") is not None


def compile_bpmn(text: str | bytes) -> tuple[Graph | None, list[Problem]]:
    """The graph and all that is wrong with it; no graph if there is nothing to read.

    Names that only a database knows (fields, teams, stages) are for the caller.
    """
    try:
        root = parse_xml(text)
    except BpmnError as error:
        return None, [Problem("", error.code, error.params)]
    processes = root.findall(f"{{{BPMN}}}process")
    if len(processes) != 1:
        code = "several_processes" if processes else "no_process"
        return None, [Problem("", code)]
    reader = _Reader(processes[0])
    graph = reader.read_graph()
    return graph, [*reader.problems, *find_problems(graph)]


class _Reader:
    """Reads one process element; collects what it cannot read."""

    def __init__(self, process: etree._Element):
        self.process = process
        self.problems: list[Problem] = []

    def read_graph(self) -> Graph:
        nodes, flows, ids = [], [], set()
        for element in self.process:
            name = etree.QName(element)
            if name.namespace != BPMN or name.localname in _IGNORED:
                continue
            element_id = element.get("id") or ""
            if not element_id or element_id in ids:
                self._add(element_id, "bad_id", element=name.localname)
                continue
            ids.add(element_id)
            if name.localname == "sequenceFlow":
                flows.append(self._read_flow(element))
            elif name.localname in _SIMPLE_KINDS:
                node = self._read_node(element, name.localname)
                if node:
                    nodes.append(node)
            else:
                self._add(element_id, "unsupported", element=name.localname)
        return self._link(nodes, flows)

    def _add(self, element_id: str, code: str, **params):
        self.problems.append(Problem(element_id, code, params))

    def _read_flow(self, element) -> Flow:
        condition = element.find(f"{{{BPMN}}}conditionExpression")
        text = (condition.text or "") if condition is not None else ""
        return Flow(
            id=element.get("id"),
            source=element.get("sourceRef") or "",
            target=element.get("targetRef") or "",
            name=(element.get("name") or "").strip(),
            condition=text.strip(),
            attrs=_read_attrs(element),
        )

    def _read_node(self, element, tag: str) -> Node | None:
        values = {
            "id": element.get("id"),
            "kind": _SIMPLE_KINDS[tag],
            "name": " ".join((element.get("name") or "").split()),
            "default": element.get("default"),
            "attrs": _read_attrs(element),
        }
        definitions = [
            child
            for child in element
            if etree.QName(child).localname.endswith("EventDefinition")
        ]
        if len(definitions) > 1:
            self._add(values["id"], "several_definitions")
            return None
        if not self._read_definition(values, tag, next(iter(definitions), None)):
            return None
        loops = [
            etree.QName(child).localname
            for child in element
            if etree.QName(child).localname.endswith("LoopCharacteristics")
        ]
        if loops:
            self._add(values["id"], "unsupported", element=loops[0])
        if tag == "callActivity":
            values["called"] = element.get("calledElement") or ""
        if tag == "boundaryEvent":
            values["host"] = element.get("attachedToRef")
            values["interrupting"] = element.get("cancelActivity") != "false"
        return Node(**values)

    def _read_definition(self, values: dict, tag: str, definition) -> bool:
        """Read what kind of event it is; whether the engine knows it."""
        what = etree.QName(definition).localname if definition is not None else ""
        timer = what == "timerEventDefinition"
        if tag == "endEvent" and what == "terminateEventDefinition":
            values["kind"] = TERMINATE
        elif tag == "intermediateCatchEvent" and what == "messageEventDefinition":
            values["kind"] = MESSAGE
        elif tag in ("intermediateCatchEvent", "boundaryEvent") and timer:
            values["kind"] = TIMER if tag != "boundaryEvent" else BOUNDARY
            self._read_timer(values, definition)
        elif what or values["kind"] is None or tag == "boundaryEvent":
            self._add(values["id"], "unsupported", element=f"{tag} {what}".strip())
            return False
        return True

    def _read_timer(self, values: dict, definition):
        values["attrs"] = {**values["attrs"], **_read_attrs(definition)}
        duration = definition.find(f"{{{BPMN}}}timeDuration")
        for child in definition:
            if etree.QName(child).localname in ("timeDate", "timeCycle"):
                self._add(
                    values["id"], "unsupported", element=etree.QName(child).localname
                )
                return
        text = (duration.text or "") if duration is not None else ""
        if text.strip():
            values["seconds"] = parse_duration(text)
            if values["seconds"] is None:
                self._add(values["id"], "bad_duration", text=text.strip())
        elif not values["attrs"].get("hours"):
            self._add(values["id"], "timer_without_time")

    def _link(self, nodes: list[Node], flows: list[Flow]) -> Graph:
        """Join nodes and flows; flows into nothing are said and left out."""
        by_id = {node.id: node for node in nodes}
        kept: dict[str, Flow] = {}
        for flow in flows:
            if flow.source in by_id and flow.target in by_id:
                kept[flow.id] = flow
            else:
                self._add(flow.id, "loose_flow")
        linked = {}
        for node in nodes:
            linked[node.id] = Node(
                id=node.id,
                kind=node.kind,
                name=node.name,
                incoming=tuple(f.id for f in kept.values() if f.target == node.id),
                outgoing=tuple(f.id for f in kept.values() if f.source == node.id),
                default=node.default,
                host=node.host,
                interrupting=node.interrupting,
                boundary=tuple(other.id for other in nodes if other.host == node.id),
                called=node.called,
                seconds=node.seconds,
                attrs=node.attrs,
            )
        return Graph(
            id=self.process.get("id") or "",
            name=self.process.get("name") or "",
            nodes=linked,
            flows=kept,
        )


def _read_attrs(element) -> dict[str, str]:
    prefix = f"{{{SVC}}}"
    return {
        name.removeprefix(prefix): value.strip()
        for name, value in element.attrib.items()
        if name.startswith(prefix)
    }


# What is wrong with a graph


def find_problems(graph: Graph) -> list[Problem]:
    """Mistakes of structure, in the order of the document."""
    problems = list(_check_whole(graph))
    reachable = set(graph.order)
    ending = _nodes_that_end(graph)
    for node in graph.nodes.values():
        problems += _check_node(graph, node)
        if graph.start and node.id not in reachable and node.kind != START:
            problems.append(Problem(node.id, "unreachable", {"name": _label(node)}))
        elif (
            node.id not in ending
            and node.outgoing
            and not _is_behind_dead_end(graph, node)
        ):
            problems.append(Problem(node.id, "never_ends", {"name": _label(node)}))
    for flow in graph.flows.values():
        problems += _check_flow(graph, flow)
    return problems


def _label(node: Node) -> str:
    return node.name or node.id


def _check_whole(graph: Graph) -> Iterable[Problem]:
    starts = [node for node in graph.nodes.values() if node.kind == START]
    if not starts:
        yield Problem("", "no_start")
    for extra in starts[1:]:
        yield Problem(extra.id, "several_starts")
    if not any(node.kind in (END, TERMINATE) for node in graph.nodes.values()):
        yield Problem("", "no_end")
    if len(graph.nodes) > MAX_NODES:
        yield Problem("", "too_many_nodes", {"limit": MAX_NODES})


def _check_node(graph: Graph, node: Node) -> Iterable[Problem]:
    params = {"name": _label(node)}
    is_end = node.kind in (END, TERMINATE)
    if is_end and node.outgoing:
        yield Problem(node.id, "end_with_outgoing", params)
    if node.kind == START and node.incoming:
        yield Problem(node.id, "start_with_incoming", params)
    if not is_end and not node.outgoing:
        yield Problem(node.id, "dead_end", params)
    if len(node.outgoing) > 1 and node.kind not in (USER_TASK, *GATEWAYS):
        yield Problem(node.id, "implicit_split", params)
    if node.kind == USER_TASK and not node.name:
        yield Problem(node.id, "task_without_name", params)
    if node.kind == CALL and not node.called:
        yield Problem(node.id, "call_without_workflow", params)
    if node.kind == MESSAGE and not node.attrs.get("message"):
        yield Problem(node.id, "message_without_name", params)
    if node.kind == BOUNDARY:
        host = graph.nodes.get(node.host or "")
        if host is None or host.kind not in (USER_TASK, CALL, MESSAGE):
            yield Problem(node.id, "boundary_without_task", params)
        if node.incoming:
            yield Problem(node.id, "boundary_with_incoming", params)
    yield from _check_choice(graph, node)


def _check_choice(graph: Graph, node: Node) -> Iterable[Problem]:
    """Decisions need a way out for whatever the data say."""
    params = {"name": _label(node)}
    if node.default and node.default not in node.outgoing:
        yield Problem(node.id, "bad_default", params)
    if node.kind in (EXCLUSIVE, INCLUSIVE) and len(node.outgoing) > 1:
        if not node.default:
            yield Problem(node.id, "no_default", params)
        for flow_id in node.outgoing:
            if flow_id != node.default and not graph.flows[flow_id].condition:
                yield Problem(flow_id, "no_condition", params)
    if node.kind == USER_TASK and len(node.outgoing) > 1:
        names = [graph.flows[flow_id].name for flow_id in node.outgoing]
        for flow_id, name in zip(node.outgoing, names, strict=True):
            if not name:
                yield Problem(flow_id, "button_without_name", params)
            elif names.count(name) > 1 and not graph.flows[flow_id].condition:
                yield Problem(flow_id, "button_twice", {**params, "button": name})


def _check_flow(graph: Graph, flow: Flow) -> Iterable[Problem]:
    source = graph.nodes[flow.source]
    allowed = (USER_TASK, EXCLUSIVE, INCLUSIVE)
    if flow.condition and source.kind not in allowed:
        yield Problem(flow.id, "condition_not_here", {"name": _label(source)})
    if flow.attrs.get("reason") and source.kind != USER_TASK:
        yield Problem(flow.id, "reason_not_here", {"name": _label(source)})


def _nodes_that_end(graph: Graph) -> set[str]:
    """Nodes from which some end can be reached."""
    found = {n.id for n in graph.nodes.values() if n.kind in (END, TERMINATE)}
    queue = list(found)
    while queue:
        node = graph.nodes[queue.pop()]
        before = [graph.flows[flow_id].source for flow_id in node.incoming]
        if node.host in graph.nodes:
            before.append(node.host)
        for other in before:
            if other not in found:
                found.add(other)
                queue.append(other)
    return found


def _is_behind_dead_end(graph: Graph, node: Node) -> bool:
    """Whether a dead end ahead, which is said itself, explains the missing end."""
    ahead = {graph.flows[f].target for f in graph.flows_ahead(node.id)}
    return any(
        not graph.nodes[other].outgoing
        and graph.nodes[other].kind not in (END, TERMINATE)
        for other in ahead
    )
