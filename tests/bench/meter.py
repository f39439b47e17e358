"""What a piece of work costs: time, CPU of both processes, queries."""

import contextlib
import os
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


class Meter:
    """``with Meter(env) as meter: work()``, then ``meter.seconds`` and the like.

    What a request does at its end belongs to the work: pending writes, tracking of
    changes, notifications. ``cpu`` are seconds of this process and, where it runs on
    this machine, of its database backend, whose clock ticks every 10 ms.
    """

    def __init__(self, env):
        self.env = env

    def __enter__(self):
        self.env.cr.flush()
        self.queries = self.env.cr.sql_log_count
        self.cpu = self._read_cpu()
        self.seconds = time.perf_counter()
        return self

    def __exit__(self, kind, *_error):
        if kind is None:
            self.env.cr.flush()
        self.seconds = time.perf_counter() - self.seconds
        self.cpu = self._read_cpu() - self.cpu
        self.queries = self.env.cr.sql_log_count - self.queries

    def _read_cpu(self):
        used = time.process_time()
        with contextlib.suppress(OSError):
            pid = self.env.cr.connection.get_backend_pid()
            stat = Path(f"/proc/{pid}/stat").read_text()
            user, system = stat.rsplit(")", 1)[1].split()[11:13]
            used += (int(user) + int(system)) / TICKS
        return used

    @property
    def figures(self):
        return self.seconds, self.queries, self.cpu


@contextlib.contextmanager
def undone(env):
    """Undo what is done inside, with what it left to be done after the commit."""
    with env.cr.savepoint() as savepoint:
        yield
        savepoint.rollback()
    env.cr.precommit.clear()
    env.cr.postcommit.clear()
    env.invalidate_all(flush=False)
