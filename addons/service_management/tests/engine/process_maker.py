"""Random block-structured processes, as BPMN XML and as what they will decide."""

import random
from dataclasses import dataclass, field

NAMESPACE = "http://www.omg.org/spec/BPMN/20100524/MODEL"


@dataclass
class Made:
    """A process; ``rounds`` tells how often each loop goes back, by the task that
    ends its body."""

    xml: str
    rounds: dict[str, int] = field(default_factory=dict)
    has_join_in_loop: bool = False


class ProcessMaker:
    """Nests tasks, sequences, choices, parallel and inclusive blocks, and loops.

    :param joins_in_loops: whether loops may hold parallel and inclusive blocks
    """

    def __init__(self, seed: int, joins_in_loops: bool = False):
        self.random = random.Random(seed)
        self.joins_in_loops = joins_in_loops
        self.parts: list[str] = []
        self.rounds: dict[str, int] = {}
        self.number = 0
        self.flows = 0
        self.has_join_in_loop = False

    def make(self) -> Made:
        self._add("startEvent", "start")
        last = self._block("start", depth=3, in_loop=False)
        self._add("endEvent", "end")
        self._flow(last, "end")
        body = "".join(self.parts)
        xml = (
            f'<definitions xmlns="{NAMESPACE}" id="D" targetNamespace="urn:test">'
            f'<process id="P" isExecutable="true">{body}</process></definitions>'
        )
        return Made(xml, self.rounds, self.has_join_in_loop)

    def _id(self, kind) -> str:
        self.number += 1
        return f"{kind}{self.number}"

    def _add(self, tag, element_id, default=""):
        default = f' default="{default}"' if default else ""
        name = f' name="{element_id}"'
        self.parts.append(f'<{tag} id="{element_id}"{name}{default}/>')

    def _flow(self, source, target, condition="", flow_id="") -> str:
        self.flows += 1
        flow_id = flow_id or f"f{self.flows}"
        inner = (
            f"<conditionExpression>{condition}</conditionExpression>"
            if condition
            else ""
        )
        self.parts.append(
            f'<sequenceFlow id="{flow_id}" sourceRef="{source}" '
            f'targetRef="{target}">{inner}</sequenceFlow>'
        )
        return flow_id

    def _block(self, source, depth, in_loop) -> str:
        """Add a block after ``source``; the id that the next flow leaves from."""
        kinds = ["task", "task"]
        if depth:
            kinds += ["sequence", "choice", "loop"]
            if not in_loop or self.joins_in_loops:
                kinds += ["parallel", "inclusive"]
        kind = self.random.choice(kinds)
        if kind in ("parallel", "inclusive") and in_loop:
            self.has_join_in_loop = True
        return getattr(self, f"_{kind}")(source, depth - 1, in_loop)

    def _task(self, source, depth, in_loop) -> str:
        task = self._id("t")
        self._add("userTask", task)
        self._flow(source, task)
        return task

    def _sequence(self, source, depth, in_loop) -> str:
        for __ in range(self.random.randint(2, 3)):
            source = self._block(source, depth, in_loop)
        return source

    def _fork(self, source, depth, in_loop, tag, conditions) -> str:
        """A split, a branch for each condition (the last is the default), a join."""
        split, join = self._id("g"), self._id("j")
        default = f"{split}_default" if tag != "parallelGateway" else ""
        self._add(tag, split, default)
        self._add(tag, join)
        self._flow(source, split)
        for number, condition in enumerate(conditions):
            is_last = number == len(conditions) - 1
            task = self._id("t")
            self._add("userTask", task)
            self._flow(
                split,
                task,
                "" if is_last and default else condition,
                default if is_last else "",
            )
            end = self._block(task, depth, in_loop) if depth > 0 else task
            self._flow(end, join)
        return join

    def _pick(self, count) -> list[str]:
        return [self.random.choice(("True", "False")) for __ in range(count)]

    def _choice(self, source, depth, in_loop) -> str:
        return self._fork(
            source,
            depth,
            in_loop,
            "exclusiveGateway",
            self._pick(self.random.randint(2, 3)),
        )

    def _inclusive(self, source, depth, in_loop) -> str:
        return self._fork(
            source,
            depth,
            in_loop,
            "inclusiveGateway",
            self._pick(self.random.randint(2, 3)),
        )

    def _parallel(self, source, depth, in_loop) -> str:
        count = self.random.randint(2, 3)
        return self._fork(source, depth, in_loop, "parallelGateway", [""] * count)

    def _loop(self, source, depth, in_loop) -> str:
        entry, leave, task = self._id("g"), self._id("g"), self._id("t")
        self._add("exclusiveGateway", entry)
        self._flow(source, entry)
        end = self._block(entry, depth, in_loop=True)
        self._add("userTask", task)
        self._flow(end, task)
        out = f"{leave}_default"
        self._add("exclusiveGateway", leave, out)
        self._flow(task, leave)
        self._flow(leave, entry, f"again('{task}')")
        self.rounds[task] = self.random.randint(0, 2)
        after = self._id("t")
        self._add("userTask", after)
        self._flow(leave, after, flow_id=out)
        return after
