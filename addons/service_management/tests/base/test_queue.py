from contextlib import contextmanager, suppress
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.service_management.tests.common import MONDAY
from odoo.addons.service_management.tests.queue_probe import NAME, add_probe

LOGGER = "odoo.addons.service_management.models.mixins.service_queue_mixin"


@tagged("post_install", "-at_install")
class TestQueue(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        add_probe(cls)
        cls.queue = cls.env[NAME]
        cls.manager = new_test_user(
            cls.env,
            login="queue_manager",
            groups="service_management.group_service_manager",
        )

    def setUp(self):
        super().setUp()
        freezer = freeze_time(MONDAY)
        self.clock = freezer.start()
        self.addCleanup(freezer.stop)

    @contextmanager
    def _worker(self):
        """The queue as a cron has it: with a cursor that may commit."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            yield self.env(cr=cr)[NAME]

    def _run(self, **options):
        with self._worker() as queue:
            return queue._queue_run(**options)

    def _job(self):
        return self.env["service.job"].search([("code", "=", NAME)])

    def test_L26_one_poison_record_among_1000_stops_nobody(self):
        rows = self.queue.create(
            [{"name": "poison" if n == 500 else "good"} for n in range(1000)]
        )
        with mute_logger(LOGGER):
            self.assertEqual(self._run(), 999)
        good = rows.filtered(lambda row: row.name == "good")
        self.assertEqual(set(good.mapped("queue_state")), {"done"})
        self.assertEqual(set(good.mapped("effect")), {1})
        poison = rows - good
        self.assertRecordValues(
            poison,
            [
                {
                    "queue_state": "pending",
                    "tries": 1,
                    "effect": 0,
                    "last_error": "This record is poison.",
                    "next_try_at": MONDAY + timedelta(minutes=1),
                }
            ],
        )

    def test_poisoned_after_the_last_try_and_retried_by_a_person(self):
        row = self.queue.create({"name": "poison"})
        delays = []
        for __ in range(5):
            self._run()
            delays.append((row.next_try_at - fields.Datetime.now()).seconds // 60)
            if row.queue_state == "pending":
                self.clock.move_to(row.next_try_at)
        self.assertEqual(delays[:4], [1, 5, 30, 120])
        self.assertRecordValues(row, [{"queue_state": "poisoned", "tries": 5}])
        # It rests until somebody asks
        self.clock.tick(timedelta(days=30))
        self._run()
        self.assertEqual(row.tries, 5)
        job = self._job()
        self.assertEqual((job.poisoned, job.backlog), (1, 0))
        self.assertEqual(len(job.activity_ids), 1)
        self._run()
        self.assertEqual(len(job.activity_ids), 1, "told once, not at each run")
        row.name = "good"
        job.with_user(self.manager).action_retry()
        self._run()
        self.assertRecordValues(
            row, [{"queue_state": "done", "effect": 1, "last_error": False}]
        )

    def test_only_a_manager_retries(self):
        agent = new_test_user(
            self.env, "queue_agent", groups="service_management.group_service_agent"
        )
        self._run()
        with self.assertRaises(AccessError):
            self._job().with_user(agent).action_retry()

    @mute_logger("odoo.sql_db", LOGGER)
    def test_an_error_of_the_database_undoes_only_its_own_record(self):
        rows = self.queue.create([{"name": name} for name in ("a", "bug", "b")])
        self._run()
        self.assertEqual(rows.mapped("queue_state"), ["done", "pending", "done"])
        self.assertIn("division by zero", rows[1].last_error)

    def test_done_once_however_often_the_queue_runs(self):
        row = self.queue.create({"name": "good"})
        for __ in range(3):
            self._run()
        self.assertEqual(row.effect, 1)

    def test_too_early_is_no_failed_try(self):
        row = self.queue.create(
            {"name": "good", "again_at": MONDAY + timedelta(hours=3)}
        )
        self.assertEqual(self._run(), 0)
        self.assertRecordValues(
            row, [{"queue_state": "pending", "tries": 0, "next_try_at": row.again_at}]
        )
        self.clock.move_to(MONDAY + timedelta(hours=3))
        self.assertEqual(self._run(), 1)

    def test_order_is_that_of_the_due_times(self):
        late, early = self.queue.create(
            [
                {"next_try_at": MONDAY - timedelta(minutes=1)},
                {"next_try_at": MONDAY - timedelta(minutes=9)},
            ]
        )
        self._run(limit=1)
        self.assertEqual((early.queue_state, late.queue_state), ("done", "pending"))

    def test_clock_that_jumped_ahead_and_back_leaves_nothing_behind(self):
        row = self.queue.create({"name": "poison"})
        self.clock.move_to(MONDAY + timedelta(days=365))
        self._run()
        self.assertEqual(row.tries, 1)
        self.clock.move_to(MONDAY)
        row.name = "good"
        self.assertEqual(self._run(), 1)
        # What is meant for later by itself is not hurried
        later = self.queue.create({"next_try_at": MONDAY + timedelta(days=365)})
        self.assertEqual(self._run(), 0)
        self.assertEqual(later.queue_state, "pending")

    def test_worker_that_died_makes_the_next_run_count_before_it_works(self):
        rows = self.queue.create([{"name": "good"}, {"name": "killer"}])
        self._run(limit=0)
        job = self._job()
        killer = rows[1]

        def die(record):
            if record.name == "killer":
                raise KeyboardInterrupt
            record.effect += 1

        tries = []
        for __ in range(7):
            # What a killed worker leaves: a run that never ended
            job.running_since = fields.Datetime.now()
            with patch.object(type(self.queue), "_queue_process", die):
                with suppress(KeyboardInterrupt):
                    self._run()
            tries.append((killer.tries, killer.queue_state))
            self.clock.tick(timedelta(hours=3))
        self.assertEqual(tries[0], (1, "pending"))
        self.assertEqual(tries[-1], (5, "poisoned"))
        self.assertEqual((rows[0].queue_state, rows[0].effect), ("done", 1))
        self.assertIn("worker ended", killer.last_error)

    def test_L26_a_lost_race_is_begun_anew_and_counts_no_try(self):
        rows = self.queue.create([{"name": "good"} for __ in range(5)])
        process = type(self.queue)._queue_process
        failures = [2]

        def lose(record):
            if record == rows[3] and failures[0]:
                failures[0] -= 1
                raise SerializationFailure("could not serialize access")
            return process(record)

        with patch.object(type(self.queue), "_queue_process", lose):
            self.assertEqual(self._run(), 5)
        self.assertEqual(rows.mapped("effect"), [1] * 5)
        self.assertEqual(rows.mapped("tries"), [0] * 5)

    def test_run_is_recorded(self):
        self.queue.create([{"name": "good"}] * 3)
        self._run()
        self.assertRecordValues(
            self._job(),
            [
                {
                    "model": NAME,
                    "started_at": MONDAY,
                    "good_at": MONDAY,
                    "running_since": False,
                    "processed": 3,
                    "backlog": 0,
                    "health": "good",
                }
            ],
        )


@tagged("post_install", "-at_install")
class TestQueueWake(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        add_probe(cls)
        cls.queue = cls.env[NAME]
        cls.cron = cls.env.ref("service_management.cron_service_watchdog")
        name = cls.cron.get_external_id()[cls.cron.id]
        cls.classPatch(cls.registry[NAME], "_queue_cron", name)

    def _triggers(self):
        return self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])

    def test_L27_the_next_run_is_asked_for_from_the_rows(self):
        with freeze_time(MONDAY):
            self.queue.create({"next_try_at": MONDAY + timedelta(hours=2)})
            self._triggers().unlink()  # dropped when a run began that then died
            with self.enter_registry_test_mode(), self.registry.cursor() as cr:
                self.env(cr=cr)[NAME]._queue_run()
            self.assertEqual(
                self._triggers().mapped("call_at"), [MONDAY + timedelta(hours=2)]
            )

    def test_new_records_wake_the_cron(self):
        self._triggers().unlink()
        self.queue.create([{}, {"next_try_at": MONDAY}])
        self.assertEqual(self._triggers().mapped("call_at"), [MONDAY])
