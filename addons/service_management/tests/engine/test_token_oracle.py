"""The token engine against SpiffWorkflow, on random processes.

SpiffWorkflow is a test tool only. Joins inside loops are left out of the comparison:
it counts tokens of earlier rounds there (see ``test_token_engine`` for what ours must
do instead).
"""

import random
import unittest
from collections import Counter

from odoo.addons.service_management.engine import bpmn, token_engine

from .process_maker import ProcessMaker

try:
    from SpiffWorkflow.bpmn import BpmnWorkflow
    from SpiffWorkflow.bpmn.parser import BpmnParser
    from SpiffWorkflow.bpmn.script_engine import (
        PythonScriptEngine,
        TaskDataEnvironment,
    )
    from SpiffWorkflow.util.task import TaskState
except ImportError:
    BpmnWorkflow = None

PROCESSES = 2000


class Ours:
    """One instance on our engine, driven by task ids."""

    def __init__(self, graph, rounds):
        self.graph, self.rounds = graph, rounds
        self.done: Counter = Counter()
        self.tokens: list = []
        run = self._run()
        run.start(1, "g")
        self._settle(run)

    def _run(self):
        return token_engine.Run(lambda key: self.graph, self, self.tokens)

    def _settle(self, run):
        self.effects = run.run()
        self.tokens = token_engine.apply_effects(self.tokens, self.effects)
        self.finished = any(
            isinstance(effect, token_engine.Finished) for effect in self.effects
        )

    def choose(self, graph, node, tokens):
        answers = []
        for __ in tokens:
            flows = [
                flow_id
                for flow_id in node.outgoing
                if flow_id != node.default and self._holds(graph.flows[flow_id])
            ]
            answers.append(tuple(flows[: 1 if node.kind == bpmn.EXCLUSIVE else None]))
        return answers

    def _holds(self, flow) -> bool:
        return again(flow.condition, self.done, self.rounds)

    def perform(self, graph, element, tokens):
        return [None] * len(tokens)

    def ready(self) -> list[str]:
        return sorted(t.node for t in self.tokens if t.node.startswith("t"))

    def complete(self, task):
        self.done[task] += 1
        token = next(token for token in self.tokens if token.node == task)
        run = self._run()
        run.leave(token)
        self._settle(run)


def again(condition, done, rounds) -> bool:
    """What a condition of the maker says."""
    if condition in ("True", "False"):
        return condition == "True"
    task = condition.split("'")[1]
    return done[task] % (rounds[task] + 1) != 0


class Theirs:
    """The same on SpiffWorkflow."""

    def __init__(self, xml, rounds):
        self.done: Counter = Counter()
        parser = BpmnParser()
        parser.add_bpmn_str(xml.encode())
        environment = TaskDataEnvironment(
            {"again": lambda task: again(f"again('{task}')", self.done, rounds)}
        )
        self.workflow = BpmnWorkflow(
            parser.get_spec("P"),
            script_engine=PythonScriptEngine(environment=environment),
        )
        self.workflow.do_engine_steps()

    def _tasks(self):
        return [
            task
            for task in self.workflow.get_tasks(state=TaskState.READY)
            if task.task_spec.name.startswith("t")
        ]

    def ready(self) -> list[str]:
        return sorted(task.task_spec.name for task in self._tasks())

    def complete(self, name):
        self.done[name] += 1
        next(task for task in self._tasks() if task.task_spec.name == name).run()
        self.workflow.do_engine_steps()

    @property
    def finished(self) -> bool:
        return self.workflow.completed


@unittest.skipIf(BpmnWorkflow is None, "SpiffWorkflow is not installed")
class TestTokenOracle(unittest.TestCase):
    def test_random_processes_run_as_on_the_oracle(self):
        steps = 0
        for seed in range(PROCESSES):
            made = ProcessMaker(seed).make()
            graph, __ = bpmn.compile_bpmn(made.xml)
            ours, theirs = Ours(graph, made.rounds), Theirs(made.xml, made.rounds)
            chance = random.Random(seed)
            for __ in range(200):
                self.assertEqual(ours.ready(), theirs.ready(), f"seed {seed}")
                self.assertEqual(ours.finished, theirs.finished, f"seed {seed}")
                if ours.finished:
                    break
                task = chance.choice(ours.ready())
                ours.complete(task)
                theirs.complete(task)
                steps += 1
            else:
                self.fail(f"seed {seed} does not end")
        self.assertGreater(steps, 2 * PROCESSES)
