from datetime import date
from pathlib import Path
from unittest import TestCase, skipUnless

from odoo.addons.service_management.engine import itsm_log, open_repair
from odoo.addons.service_management.engine.log_file import LogFile, Refusal

# Real logs lie beside the checkout, where they are there at all.
SHARED = Path(__file__).resolve().parents[5] / "shared" / "data"
TODAY = date(2026, 11, 1)


def open_log(folder, pattern):
    [path] = (SHARED / folder).glob(pattern)
    return LogFile.open(path.read_bytes())


@skipUnless(SHARED.is_dir(), "no shared data")
class TestSharedLogs(TestCase):
    def test_every_row_of_the_repair_logs_is_a_job(self):
        for pattern, count in (("*FixitClinic*", 1033), ("*RepairCafeWales*", 20190)):
            with self.subTest(pattern):
                jobs = list(open_repair.read_jobs(open_log("repair", pattern), TODAY))
                self.assertEqual(len(jobs), count)
                self.assertFalse([job for job in jobs if isinstance(job, Refusal)])
                self.assertEqual(len({job.key for job in jobs}), count)

    def test_every_incident_ends_as_in_the_log(self):
        incidents, refusals, count = itsm_log.read_incidents(
            open_log("itsm", "*.gz"), TODAY
        )
        self.assertEqual((len(incidents), len(refusals), count), (9202, 0, 59354))
        self.assertTrue(all(incident.is_closed for incident in incidents))
        reopened = [
            action
            for incident in incidents
            for action in incident.get_actions()
            if action.kind == "reopen"
        ]
        self.assertEqual(len(reopened), 161)
