import threading
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from .mail_common import InboxCommon, make_mail, sample

ROUNDS = 20
RIVALS = 4


@tagged("post_install", "-at_install")
class TestInboxStore(InboxCommon):
    """Nothing is lost between the server and the order."""

    def test_a_mail_is_stored_whole_whatever_it_is(self):
        for raw in (b"", b"\0\1\2", b"<svg/>", b"\xff" * 5000, sample("x_gbk_nul")):
            message = self._store(raw)
            self.assertEqual(message._get_raw(), raw)
            self.assertEqual(message.state, "new")
            message._queue_process_one()
            self.assertIn(message.state, ("order", "quarantine"))

    def test_the_script_of_the_mail_server_comes_here_too(self):
        raw = make_mail("Message-ID: <gate@x>", to="Service+anything@Example.com")
        with self.enter_registry_test_mode():
            self.env["mail.thread"].message_process(False, raw)
        message = self.Message.search([("message_id", "=", "<gate@x>")])
        self.assertEqual(message.inbox_id, self.inbox)
        self.assertEqual(message._get_raw(), raw)

    def test_L31_answers_that_arrive_elsewhere_do_not_go_the_way_of_core(self):
        self._feed(make_mail("Message-ID: <first@x>"))
        raw = make_mail(
            "Message-ID: <else@x>",
            "In-Reply-To: <first@x>",
            to="catchall@elsewhere.example.com",
        )
        with self.enter_registry_test_mode():
            self.env["mail.thread"].message_process("res.partner", raw)
        message = self.Message.search([("message_id", "=", "<else@x>")])
        self.assertEqual(message.inbox_id, self.inbox)
        message._queue_process_one()
        self.assertFalse(message.mail_message_id.author_id)

    def test_other_mail_is_left_to_odoo(self):
        raw = make_mail("Message-ID: <other@x>", to="sales@elsewhere.example.com")
        with self.enter_registry_test_mode():
            self.env["mail.thread"].message_process("res.partner", raw)
        self.assertFalse(self.Message.search([("message_id", "=", "<other@x>")]))
        self.assertTrue(
            self.env["mail.message"].search([("message_id", "=", "<other@x>")])
        )

    def test_sources_are_dropped_after_their_time_but_not_what_waits(self):
        order = self._feed(make_mail("Message-ID: <1@x>"))
        waiting = self._feed(sample("spam"))
        old = fields.Datetime.now() - timedelta(days=400)
        (order + waiting).date_received = old
        self.Message._gc_raw()
        self.assertEqual(order._get_raw(), b"")
        self.assertTrue(waiting._get_raw())
        self.assertFalse(order.text)

    def test_ten_more_mails_cost_no_more_queries_each(self):
        """Storing looks up twice and inserts once, however much is stored."""
        self._count_queries_of_store(1)
        small = self._count_queries_of_store(1000)
        for number in range(40):
            self._store(make_mail(f"Message-ID: <n{number}@x>"))
        self.assertEqual(self._count_queries_of_store(2000), small)

    def _count_queries_of_store(self, number):
        raw = make_mail(f"Message-ID: <{number}@x>")
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self.Message._store(raw, self.inbox.id, self.inbox.company_id.id, None)
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def test_deciding_costs_the_same_however_much_was_received(self):
        """The sender's mails, orders and acknowledgements are counted by indexes."""
        for number in range(3):
            self._count_queries_of_settle(number)
        small = self._count_queries_of_settle(10)
        for number in range(100, 140):
            self._feed(make_mail(f"Message-ID: <{number}@x>"))
        large = self._count_queries_of_settle(20)
        # Without the acknowledgement, which an address gets five times an hour
        self.assertLessEqual(large, small)
        self.assertLessEqual(small, 90)

    def _count_queries_of_settle(self, number):
        message = self._store(make_mail(f"Message-ID: <{number}@x>"))
        before = self.cr.sql_log_count
        message._queue_process_one()
        self.env.flush_all()
        self.assertEqual(message.state, "order")
        return self.cr.sql_log_count - before


@tagged("-standard", "post_install", "-at_install", "service_race")
class TestInboxRace(BaseCase):
    """L22, with real transactions; everything made here is removed again."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            self.inbox_id = (
                env["service.inbox"]
                .create({"name": "Race", "address": "race@example.com"})
                .id
            )
        self.addCleanup(self._clean_up)

    def _clean_up(self):
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT order_id FROM service_inbox_message "
                "WHERE inbox_id = %s AND order_id IS NOT NULL",
                [self.inbox_id],
            )
            orders = [row[0] for row in cr.fetchall()]
            cr.execute(
                "DELETE FROM service_inbox_message WHERE inbox_id = %s", [self.inbox_id]
            )
            for table in ("service_workitem", "service_order_event"):
                cr.execute(f"DELETE FROM {table} WHERE order_id = ANY(%s)", [orders])
            cr.execute(
                "DELETE FROM mail_message WHERE model = 'service.order' "
                "AND res_id = ANY(%s)",
                [orders],
            )
            cr.execute("DELETE FROM service_order WHERE id = ANY(%s)", [orders])
            cr.execute("DELETE FROM service_inbox WHERE id = %s", [self.inbox_id])
            cr.execute("DELETE FROM res_partner WHERE email = 'race@elsewhere.example'")

    def _deliver(self, raws):
        """Store the mails at the same moment; the ids that the threads got."""
        barrier = threading.Barrier(len(raws))
        results = [None] * len(raws)

        def run(number, raw):
            with self.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                inbox = env["service.inbox"].browse(self.inbox_id)
                inbox.company_id.exists()  # opens the snapshot
                barrier.wait(timeout=30)
                results[number] = env["service.inbox.message"]._store_raw(raw, inbox)

        threads = [threading.Thread(target=run, args=pair) for pair in enumerate(raws)]
        with mute_logger("odoo.sql_db"):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return results

    def _work(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            messages = env["service.inbox.message"].search(
                [("inbox_id", "=", self.inbox_id)]
            )
            for message in messages:
                message._queue_process_one()
            return sorted(messages.mapped("state")), len(messages.order_id)

    def test_L22_the_same_mail_at_the_same_moment_is_one_order(self):
        for number in range(ROUNDS):
            raw = make_mail(
                f"Message-ID: <race-{number}@x>", sender="race@elsewhere.example"
            )
            ids = self._deliver([raw] * RIVALS)
            self.assertEqual(len(set(ids)), 1, ids)
        states, orders = self._work()
        self.assertEqual((states, orders), (["order"] * ROUNDS, ROUNDS))

    def test_L22_copies_by_other_ways_at_the_same_moment_are_duplicates(self):
        raw = make_mail("Message-ID: <race@x>", sender="race@elsewhere.example")
        ids = self._deliver(
            [b"Received: %d\r\n" % number + raw for number in range(RIVALS)]
        )
        self.assertEqual(len(set(ids)), RIVALS, ids)
        states, orders = self._work()
        self.assertEqual(states, ["duplicate"] * (RIVALS - 1) + ["order"])
        self.assertEqual(orders, 1)
