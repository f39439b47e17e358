from datetime import timedelta

from freezegun import freeze_time
from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.service_management.tests.access_matrix import check_matrix
from odoo.addons.service_management.tests.common import MONDAY, ServiceCommon

NO_PAPER = "No paper left."


@tagged("post_install", "-at_install")
class TestJob(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jobs = cls.env["service.job"]
        # Other jobs of the database have no say here
        cls.jobs.search([]).expected_minutes = 10**7
        cls.job = cls.jobs.create(
            {
                "name": "Test Job",
                "code": "test_job",
                "expected_minutes": 60,
                "good_at": MONDAY,
                "user_id": cls.manager.id,
            }
        )

    def _in_worker(self, method, *args):
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            return getattr(self.env(cr=cr)["service.job"], method)(*args)

    def test_L27_job_without_a_good_run_is_red_and_told_once(self):
        with freeze_time(MONDAY + timedelta(minutes=59)):
            self._in_worker("_cron_watch")
            self.assertFalse(self.job.is_overdue)
            self.assertFalse(self.job.activity_ids)
        for minutes in (61, 71, 81):
            with freeze_time(MONDAY + timedelta(minutes=minutes)):
                self.job.invalidate_recordset()
                self.assertEqual(self.job.health, "overdue")
                self._in_worker("_cron_watch")
        self.assertEqual(len(self.job.activity_ids), 1)
        self.assertEqual(self.job.activity_ids.user_id, self.manager)
        # A good run ends the episode; the next one is told again
        with freeze_time(MONDAY + timedelta(hours=3)):
            self._in_worker("_run", "test_job", lambda: 1)
        with freeze_time(MONDAY + timedelta(hours=5)):
            self._in_worker("_cron_watch")
        self.assertEqual(len(self.job.activity_ids), 2)

    def test_last_run_in_the_future_proves_nothing(self):
        self.job.good_at = MONDAY + timedelta(days=400)
        with freeze_time(MONDAY):
            self.job.invalidate_recordset()
            self.assertTrue(self.job.is_overdue)

    def test_failed_run_is_recorded_and_the_error_goes_on(self):
        def fail():
            raise UserError(NO_PAPER)

        raised = None
        with freeze_time(MONDAY):
            try:
                self._in_worker("_run", "test_job", fail)
            except UserError as error:  # assertRaises would undo the record
                raised = error
        self.assertTrue(raised)
        self.assertRecordValues(
            self.job,
            [
                {
                    "failed_at": MONDAY,
                    "last_error": "UserError: No paper left.",
                    "running_since": False,
                }
            ],
        )

    def test_L26_run_that_loses_a_race_is_begun_anew(self):
        calls = []

        def work():
            calls.append(1)
            if len(calls) < 3:
                raise SerializationFailure("could not serialize access")
            return "done"

        self.assertEqual(self._in_worker("_run", "test_job", work), "done")
        self.assertEqual(len(calls), 3)
        self.assertTrue(self.job.good_at > MONDAY)

    def test_expiry_of_offers_is_a_job(self):
        job = self.env.ref("service_management.job_offer_expiry")
        self.assertEqual(
            job.cron_id, self.env.ref("service_management.cron_expire_offers")
        )
        before = fields.Datetime.now() - timedelta(seconds=1)
        with self.enter_registry_test_mode():
            job.cron_id.method_direct_trigger()
        self.assertGreater(job.good_at, before)

    def test_access(self):
        check_matrix(
            self,
            {"job": self.job},
            {
                self.manager: {"job": "rw"},
                self.agent: {},
                self.dispatcher: {},
                self.technician_user: {},
                self.point_manager: {},
                self.quality: {},
                self.portal_customer: {},
                self.portal_point: {},
            },
        )

    def test_form_opens_for_the_manager(self):
        with Form(self.job.with_user(self.manager)) as form:
            form.expected_minutes = 90
        self.assertEqual(self.job.expected_minutes, 90)

    def test_a_manager_runs_the_job_and_no_other_scheduled_action(self):
        job = self.job.with_user(self.manager)
        other = self.env.ref("base.autovacuum_job")
        for vals in (
            {"cron_id": other.id},
            {"model": "res.users"},
            {"code": "other"},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                job.write(vals)
