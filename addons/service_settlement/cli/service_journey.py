# pylint: disable=print-used
import logging
import os
import sys
import time
from pathlib import Path

from odoo import SUPERUSER_ID, api
from odoo.cli import Command
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tools import config

_logger = logging.getLogger(__name__)

MODULE = "service_settlement"
BAR_WIDTH = 30
# Where nobody watches, a line now and then is enough.
SECONDS_BETWEEN_LINES = 10


class ServiceJourney(Command):
    """Import a service log and take its orders the whole way to posted bills

    The log is a repair log of the Open Repair standard or an incident log of an IT
    service desk, as CSV or gzipped CSV. What is there already is not imported again,
    and an import that was interrupted goes on where it stopped. The exit code is 0
    when everything agrees with everything else, 1 when it does not.
    """

    name = "service_journey"

    def run(self, args):
        parser = self.parser
        parser.add_argument("-c", "--config", help="Odoo's configuration file")
        parser.add_argument("-d", "--database", required=True)
        parser.add_argument("--data", required=True, help="the log, .csv or .csv.gz")
        parser.add_argument("--batch", type=int, default=500, help="lines a commit")
        options = parser.parse_args(args)
        setup = ["-d", options.database, "--no-http"]
        if options.config:
            setup += ["-c", options.config]
        if not any(name.startswith("ODOO_LOG") for name in os.environ):
            setup += ["--log-level=warn"]
        config.parse_config(setup, setup_logging=True)
        try:
            content = Path(options.data).read_bytes()
        except OSError as error:
            sys.exit(f"{options.data}: {error.strerror}")
        sys.exit(self._import(options, content))

    def _import(self, options, content) -> int:
        registry = Registry(options.database)
        with registry.cursor() as cr:
            user = api.Environment(cr, SUPERUSER_ID, {})["res.users"].browse(
                SUPERUSER_ID
            )
            env = api.Environment(cr, SUPERUSER_ID, user.context_get())
            if "service.import" not in env or MODULE not in registry._init_modules:
                sys.exit(f"{options.database}: the addon {MODULE} is not installed")
            try:
                return self._go(env, options, content)
            except UserError as error:
                cr.rollback()
                print(f"\n{error}", file=sys.stderr)
                return 1

    def _go(self, env, options, content) -> int:
        started = time.monotonic()
        record = env["service.import"]._get_for_file(content, Path(options.data).name)
        if record.kind == "open_repair":
            record._ensure_tariff()
        before = record.created_count
        bar = Bar(sys.stdout)
        record._run(
            lambda done: bar.show(done.position, done.unit_count, done.created_count),
            size=max(1, options.batch),
        )
        bar.end()
        failures = []
        if record.kind == "open_repair":
            bills = Bar(sys.stdout)
            failures = record._settle(
                lambda done, count: bills.note(f"{done} of {count} bills")
            )
            bills.end()
        seconds = time.monotonic() - started
        return self._report(record, record.created_count - before, seconds, failures)

    def _report(self, record, created, seconds, failures) -> int:
        rows = [*record._get_summary()]
        rows.append(("Seconds", f"{seconds:.1f}"))
        rows.append(("Orders per second", f"{created / seconds:.1f}"))
        width = max(len(str(label)) for label, __ in rows)
        print()
        for label, value in rows:
            print(f"  {label:<{width}}  {value:>16}")
        for title, lines in record._get_remarks():
            print(f"\n{title}")
            for line in lines:
                print(f"  {line}")
        problems = [failure.message for failure in failures]
        problems += record._get_disagreements()
        print()
        for problem in problems:
            print(f"DISAGREES: {problem}")
        if not problems:
            print("Everything agrees.")
        return 1 if problems else 0


class Bar:
    """A progress bar on a terminal, a line now and then elsewhere."""

    def __init__(self, stream):
        self.stream = stream
        self.is_terminal = stream.isatty()
        self.last = time.monotonic()
        self.started = self.last
        self.is_open = False

    def show(self, done, count, created):
        share = done / count if count else 1.0
        filled = int(share * BAR_WIDTH)
        rate = done / max(time.monotonic() - self.started, 0.001)
        self.note(
            f"[{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {share:4.0%} "
            f"{done}/{count}, {created} new, {rate:.0f}/s"
        )

    def note(self, text):
        if self.is_terminal:
            self.stream.write(f"\r\x1b[K{text}")
            self.is_open = True
        elif time.monotonic() - self.last >= SECONDS_BETWEEN_LINES:
            self.last = time.monotonic()
            self.stream.write(f"{text}\n")
        self.stream.flush()

    def end(self):
        if self.is_open:
            self.stream.write("\n")
            self.is_open = False
