"""Coordinates for a BPMN process that comes without a drawing.

A layered layout, left to right: loops are set aside by a depth-first search, each
node stands one column after the last of those before it, rows inside a column follow
the rows before them (barycentre sweeps). Flows turn only between the columns, where no
box stands, and what cannot go straight runs below the rest: no line crosses a box. The
result is BPMN diagram interchange that any modeler reads and people may tidy up.
"""

import math
import unicodedata
from collections import defaultdict
from itertools import pairwise

from lxml import etree

from . import bpmn
from .bpmn import BOUNDARY, BPMNDI, CALL, GATEWAYS, SERVICE_TASK, USER_TASK, Graph

DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
COLUMN, ROW = 220, 120
BOX = 120
LEFT, TOP = 160, 100
SWEEPS = 6


def get_size(kind: str) -> tuple[int, int]:
    """Width and height, as modelers draw them."""
    if kind in (USER_TASK, SERVICE_TASK, CALL):
        return BOX, 80
    return (50, 50) if kind in GATEWAYS else (36, 36)


def add_diagram(text: str | bytes) -> str:
    """The XML with a drawing; unchanged when it has one or is no process."""
    root = bpmn.parse_xml(text)
    graph, __ = bpmn.compile_bpmn(text)
    if graph is None or not graph.nodes or bpmn.has_diagram(root):
        return text if isinstance(text, str) else text.decode()
    for old in root.findall(f"{{{BPMNDI}}}BPMNDiagram"):
        root.remove(old)
    boxes = lay_out(graph)
    # Declared at the top, as modelers write it
    nsmap = {**root.nsmap, "bpmndi": BPMNDI, "dc": DC, "di": DI}
    fresh = etree.Element(root.tag, nsmap=nsmap, attrib=dict(root.attrib))
    fresh.extend(list(root))
    _draw(fresh, graph, boxes)
    etree.indent(fresh)
    return etree.tostring(fresh, xml_declaration=True, encoding="UTF-8").decode()


def lay_out(graph: Graph) -> dict[str, tuple[int, int, int, int]]:
    """``{node id: (x, y, width, height)}``; boundary events sit on their hosts."""
    columns = _find_columns(graph)
    rows = _find_rows(graph, columns)
    boxes = {}
    for node in graph.nodes.values():
        if node.kind == BOUNDARY:
            continue
        width, height = get_size(node.kind)
        x = LEFT + columns[node.id] * COLUMN + (BOX - width) // 2
        y = round(TOP + rows[node.id] * ROW + (80 - height) // 2)
        boxes[node.id] = (x, y, width, height)
    for node in graph.nodes.values():
        if node.kind == BOUNDARY:
            boxes[node.id] = _sit_on_host(graph, node, boxes)
    return boxes


def _sit_on_host(graph, node, boxes):
    width, height = get_size(node.kind)
    host = graph.nodes.get(node.host or "")
    if host is None or host.id not in boxes:
        return (LEFT, TOP - 80, width, height)
    x, y, host_width, host_height = boxes[host.id]
    if host_width < BOX:
        # Below its corner: on its border it would cover a small host.
        return (x + host_width - 8, y + host_height - 8, width, height)
    place = host.boundary.index(node.id) + 1
    step = host_width // (len(host.boundary) + 1)
    return (x + step * place - width // 2, y + host_height - height // 2, width, height)


def _get_edges(graph: Graph) -> list[tuple[str, str]]:
    """Source and target of each flow, boundary events standing for their hosts."""
    edges = []
    for flow in graph.flows.values():
        source = graph.nodes[flow.source]
        edges.append((source.host or source.id, flow.target))
    return [(a, b) for a, b in edges if a in graph.nodes and a != b]


def _find_forward(graph: Graph) -> list[tuple[str, str]]:
    """The edges without those that lead back."""
    following = defaultdict(list)
    for source, target in _get_edges(graph):
        following[source].append(target)
    nodes = [node.id for node in graph.nodes.values() if node.kind != BOUNDARY]
    start = [graph.start.id] if graph.start else []
    state: dict[str, int] = {}
    forward = []
    for root in [*start, *nodes]:
        if root in state:
            continue
        state[root] = 1
        stack = [(root, iter(following[root]))]
        while stack:
            current, rest = stack[-1]
            target = next(rest, None)
            if target is None:
                state[current] = 2
                stack.pop()
            elif state.get(target) == 1:
                continue
            else:
                forward.append((current, target))
                if target not in state:
                    state[target] = 1
                    stack.append((target, iter(following[target])))
    return forward


def _find_columns(graph: Graph) -> dict[str, int]:
    """The longest way from the start, in steps."""
    forward = _find_forward(graph)
    before = defaultdict(int)
    following = defaultdict(list)
    for source, target in forward:
        following[source].append(target)
        before[target] += 1
    columns = {n.id: 0 for n in graph.nodes.values() if n.kind != BOUNDARY}
    queue = [node_id for node_id in columns if not before[node_id]]
    for node_id in queue:
        for target in following[node_id]:
            columns[target] = max(columns[target], columns[node_id] + 1)
            before[target] -= 1
            if not before[target]:
                queue.append(target)
    return columns


def _find_rows(graph: Graph, columns: dict[str, int]) -> dict[str, float]:
    """Rows in each column; the way that is followed first stays in the first row."""
    forward = _find_forward(graph)
    parents, children = defaultdict(list), defaultdict(list)
    for source, target in forward:
        parents[target].append(source)
        children[source].append(target)
    by_column = defaultdict(list)
    for node_id in sorted(columns, key=lambda n: graph.order.get(n, 10**6)):
        by_column[columns[node_id]].append(node_id)
    rows: dict[str, float] = {}
    for column in sorted(by_column):
        rows.update((node, place) for place, node in enumerate(by_column[column]))
    for sweep in range(SWEEPS):
        near = parents if sweep % 2 == 0 else children
        for column in sorted(by_column, reverse=sweep % 2 == 1):
            wanted = {
                node_id: (
                    sum(rows[other] for other in near[node_id]) / len(near[node_id])
                    if near[node_id]
                    else rows[node_id]
                )
                for node_id in by_column[column]
            }
            taken = -1
            ordered = sorted(by_column[column], key=lambda n: (wanted[n], rows[n]))
            for node_id in ordered:
                taken = max(taken + 1, round(wanted[node_id]))
                rows[node_id] = taken
    return rows


# Drawing


def _draw(root, graph: Graph, boxes):
    process = root.find(f"{{{bpmn.BPMN}}}process")
    diagram = etree.SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", {"id": "Diagram_1"})
    plane = etree.SubElement(
        diagram,
        f"{{{BPMNDI}}}BPMNPlane",
        {"id": "Plane_1", "bpmnElement": process.get("id") or ""},
    )
    for node_id, (x, y, width, height) in boxes.items():
        node = graph.nodes[node_id]
        attributes = {"id": f"{node_id}_di", "bpmnElement": node_id}
        if node.kind == "exclusive":
            attributes["isMarkerVisible"] = "true"
        shape = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNShape", attributes)
        _add_bounds(shape, x, y, width, height)
        if node.name and node.kind not in (USER_TASK, SERVICE_TASK, CALL):
            label = etree.SubElement(shape, f"{{{BPMNDI}}}BPMNLabel")
            _add_bounds(label, x + width // 2 - 50, y + height + 6, 100, 28)
    router = _Router(graph, boxes)
    for flow in graph.flows.values():
        points = router.route(flow)
        edge = etree.SubElement(
            plane,
            f"{{{BPMNDI}}}BPMNEdge",
            {"id": f"{flow.id}_di", "bpmnElement": flow.id},
        )
        for x, y in points:
            etree.SubElement(edge, f"{{{DI}}}waypoint", {"x": str(x), "y": str(y)})
        if flow.name:
            label = etree.SubElement(edge, f"{{{BPMNDI}}}BPMNLabel")
            _add_bounds(label, *_find_label(points, flow.name))


def _add_bounds(parent, x, y, width, height):
    etree.SubElement(
        parent,
        f"{{{DC}}}Bounds",
        {"x": str(x), "y": str(y), "width": str(width), "height": str(height)},
    )


class _Router:
    """Finds each flow's waypoints; remembers what the lines before it took.

    Vertical pieces run in the gutters between the columns, each at a place of its
    own; level pieces run where no box stands in their way, else in a lane below all.
    """

    def __init__(self, graph: Graph, boxes):
        self.graph = graph
        self.boxes = boxes
        self.bottom = max(y + height for __, y, __, height in boxes.values())
        self.gutters: dict[int, int] = defaultdict(int)
        self.lanes: list[list[tuple[int, int]]] = []
        self.straight: set[tuple[str, str]] = set()

    def route(self, flow) -> list[tuple[int, int]]:
        x, y, width, height = self.boxes[flow.source]
        to_x, to_y, __, to_height = self.boxes[flow.target]
        middle, to_middle = y + height // 2, to_y + to_height // 2
        if self.graph.nodes[flow.source].kind == BOUNDARY:
            # Out of its foot, in the room below the host.
            middle = y + height + 8
            start = [(x + width // 2, y + height), (x + width // 2, middle)]
        else:
            start = [(x + width, middle)]
        return [*start, *self._reach(flow, start[-1], (to_x, to_middle))]

    def _reach(self, flow, start, end) -> list[tuple[int, int]]:
        """The points after ``start``, up to the left side of the target."""
        (x, y), (to_x, to_y) = start, end
        pair = (flow.source, flow.target)
        if to_x > x:
            level = not self._is_blocked(pair, x, to_x, y)
            if y == to_y and level and pair not in self.straight:
                self.straight.add(pair)
                return [end]
            if y != to_y and not self._is_blocked(pair, x, to_x, to_y):
                turn = self._take_gutter(x, after=True)
                return [(turn, y), (turn, to_y), end]
            if y != to_y and level:
                turn = self._take_gutter(to_x, after=False)
                return [(turn, y), (turn, to_y), end]
        turn = self._take_gutter(x, after=True)
        back = self._take_gutter(to_x, after=False)
        lane = self._take_lane(*sorted((turn, back)))
        return [(turn, y), (turn, lane), (back, lane), (back, to_y), end]

    def _take_gutter(self, x, after) -> int:
        """A place for a vertical line in the gutter after, or before, a box at x."""
        column = (x - LEFT) // COLUMN - (0 if after else 1)
        number = self.gutters[column]
        self.gutters[column] += 1
        left = LEFT + column * COLUMN + BOX
        room = (COLUMN - BOX) // 2 - 8
        offset = (number // 2 * 9) % room
        # Those that leave turn early, those that arrive turn late.
        return left + 12 + offset if after else left + COLUMN - BOX - 14 - offset

    def _take_lane(self, start, end) -> int:
        """The height of the first lane that is free from ``start`` to ``end``."""
        height = self.bottom + 10
        for taken in self.lanes:
            height += 30
            if all(end + 10 < a or b + 10 < start for a, b in taken):
                taken.append((start, end))
                return height
        self.lanes.append([(start, end)])
        return height + 30

    def _is_blocked(self, pair, start, end, height) -> bool:
        """Whether another box stands on a level line at this height."""
        return any(
            x < end and x + width > start and y - 6 < height < y + tall + 6
            for node_id, (x, y, width, tall) in self.boxes.items()
            if node_id not in pair
        )


def _find_label(points, text: str) -> tuple[int, int, int, int]:
    """Bounds of a label above the longest level piece; Chinese letters are wider."""
    level = [piece for piece in pairwise(points) if piece[0][1] == piece[1][1]]
    (x, y), (to_x, __) = max(
        level or list(pairwise(points)),
        key=lambda piece: abs(piece[1][0] - piece[0][0]),
    )
    room = max(90, min(abs(to_x - x) - 10, 200))
    wide = sum(11 if unicodedata.east_asian_width(c) in "WF" else 6 for c in text)
    lines = math.ceil(wide / room)
    return ((x + to_x - room) // 2, y - 4 - 14 * lines, room, 14 * lines)
