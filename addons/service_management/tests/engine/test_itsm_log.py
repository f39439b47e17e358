from datetime import date, datetime
from unittest import TestCase

from odoo.addons.service_management.engine import itsm_log
from odoo.addons.service_management.engine.log_file import LogFile

COLUMNS = (
    "number,incident_state,opened_at,sys_updated_at,caller_id,"
    "sys_mod_count,reopen_count,assignment_group,assigned_to,priority"
)


def read(*rows):
    content = "\n".join([COLUMNS, *rows]).encode()
    return itsm_log.read_incidents(LogFile.open(content), date(2016, 12, 31))


def row(state, hour, mods=0, reopened=0, number="INC1", group="A", day=1):
    return (
        f"{number},{state},1/3/2016 08:00,{day}/3/2016 {hour:02}:00,Caller 1,"
        f"{mods},{reopened},{group},?,3 - Moderate"
    )


def get_kinds(*rows):
    return [action.kind for action in read(*rows)[0][0].get_actions()]


class TestItsmLog(TestCase):
    def test_way_to_closed(self):
        self.assertEqual(
            get_kinds(
                row("New", 8),
                row("Active", 9, 1),
                row("Awaiting User Info", 10, 2),
                row("Resolved", 11, 3),
                row("Closed", 12, 4),
            ),
            ["start", "note", "done", "close"],
        )

    def test_steps_that_were_left_out_are_made_up_for(self):
        self.assertEqual(get_kinds(row("Closed", 9)), ["done", "close"])
        self.assertEqual(get_kinds(row("Resolved", 9)), ["done"])

    def test_going_back_reopens_once(self):
        self.assertEqual(
            get_kinds(
                row("Resolved", 9),
                row("Active", 10, 1, 1),
                row("Active", 11, 2, 1, group="B"),
                row("Closed", 12, 3, 1),
            ),
            ["done", "reopen", "start", "note", "done", "close"],
        )

    def test_grown_count_alone_reopens(self):
        self.assertEqual(
            get_kinds(row("Resolved", 9), row("Resolved", 10, 1, 1)),
            ["done", "reopen", "done"],
        )

    def test_a_row_that_is_older_leads_nowhere_back(self):
        self.assertEqual(
            get_kinds(row("Resolved", 9, 6), row("Active", 8, 7), row("Closed", 9, 7)),
            ["done", "note", "close"],
        )

    def test_rows_are_read_in_order_wherever_they_stand(self):
        incidents, refusals, count = read(
            row("Closed", 12, 4),
            row("New", 8, number="INC2"),
            row("New", 8),
            row("Active", 9, 1),
        )
        self.assertEqual((len(incidents), len(refusals), count), (2, 0, 4))
        self.assertEqual(
            [found.state for found in incidents[0].rows], ["New", "Active", "Closed"]
        )
        self.assertTrue(incidents[0].is_closed)
        self.assertFalse(incidents[1].is_closed)

    def test_a_day_that_cannot_be_is_refused_with_its_row(self):
        incidents, refusals, __ = read(
            row("New", 8),
            "INC1,Active,1/3/0001 08:00,1/3/2016 09:00,Caller 1,1,0,A,?,3",
            "INC2,New,1/3/2016 08:00,2/1/2017 09:00,Caller 1,0,0,A,?,3",
            "INC3,New,1/3/0000 08:00,,Caller 1,0,0,A,?,3",
            "INC4,New,1/3/2016 08:00,9999-12-31 09:00,Caller 1,0,0,A,?,3",
        )
        self.assertEqual([incident.number for incident in incidents], ["INC1"])
        self.assertEqual(
            [(refusal.line, refusal.reasons[0].code) for refusal in refusals],
            [(3, "date_range"), (4, "date_range"), (5, "date"), (6, "date_range")],
        )

    def test_broken_rows_are_refused_and_the_others_stay(self):
        incidents, refusals, __ = read(
            row("New", 8),
            row("-100", 9),
            row("Active", 9, day=32),
            row("Active", 9, number=""),
            row("New", 8),
            row("Closed", 10, 2),
        )
        self.assertEqual(
            [(refusal.line, refusal.reasons[0].code) for refusal in refusals],
            [(3, "status"), (4, "date"), (5, "missing"), (6, "row_twice")],
        )
        self.assertEqual(len(incidents[0].rows), 2)

    def test_handover_is_told_with_its_time(self):
        stays = read(row("New", 8), row("Active", 9, 1))[0][0]
        self.assertIsNone(stays.get_handover())
        moves = read(
            row("New", 8),
            row("Active", 9, 1, group="B"),
            row("Closed", 10, 2, group="B"),
        )[0][0]
        self.assertEqual(moves.get_handover(), ("B", datetime(2016, 3, 1, 9)))

    def test_unknown_values_are_empty(self):
        incident = read(row("New", 8, group="?"))[0][0]
        self.assertEqual(incident.get_last("group"), "")
        self.assertEqual(incident.get_last("assignee"), "")
        self.assertNotIn("assignment_group", incident.texts)

    def test_changes_are_told(self):
        actions = read(row("New", 8), row("New", 9, 1, group="B"))[0][0].get_actions()
        self.assertEqual(actions[0].changes, (("group", "A", "B"),))
        self.assertEqual(actions[0].moment, datetime(2016, 3, 1, 9))

    def test_time_never_goes_back(self):
        moments = [
            action.moment
            for action in read(
                row("Active", 7), row("Resolved", 9, 1), row("Closed", 9, 2)
            )[0][0].get_actions()
        ]
        self.assertEqual(moments, sorted(moments))
        self.assertGreaterEqual(moments[0], datetime(2016, 3, 1, 8))

    def test_priorities(self):
        incident = read(row("New", 8))[0][0]
        self.assertEqual(incident.priority, "1")
