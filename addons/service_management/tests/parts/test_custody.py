from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import PartCommon

# What may happen to parts; each with numbers that say how many and of which
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                "issue",
                "issue_van",
                "short",
                "use",
                "use_van",
                "use_serial",
                "send_old",
                "return",
                "count",
                "lend",
                "loan_back",
                "reserve",
                "cancel",
            )
        ),
        st.integers(1, 3),
        st.integers(0, 5),
    ),
    min_size=3,
    max_size=9,
)


@tagged("post_install", "-at_install")
class TestCustody(PartCommon):
    """Whatever happens to parts, none appears and none is lost: for each place and
    product what came, less what was used, sent on and lost in counts, is there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.resource_calendar_id.tz = "UTC"

    @settings(
        max_examples=10,
        # A history takes seconds, and reads well enough as it is: none is shortened
        phases=(Phase.explicit, Phase.generate),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(steps=STEPS)
    def _check_histories(self, steps):
        savepoint = self.env.cr.savepoint()
        try:
            self._play(steps)
        finally:
            savepoint.rollback()
            self.env.invalidate_all()

    def test_no_part_appears_and_none_is_lost(self):
        self._check_histories()

    def _play(self, steps):
        self._put(self.part, self.central, 20)
        self.lots = [self._lot(f"S{number}") for number in range(3)]
        for lot in self.lots:
            self._put(self.serial_part, self.point.location_id, lot=lot)
        self.start = self._get_stock()
        self.last_move = self.env["stock.move.line"].search(
            [], order="id desc", limit=1
        )
        for name, quantity, choice in steps:
            try:
                with self.env.cr.savepoint():
                    getattr(self, f"_step_{name}")(quantity, choice)
            except UserError:
                # Refused: nothing of it may have happened
                self.env.invalidate_all()
            self._check_sums((name, quantity, choice))

    def _get_stock(self):
        self.env.flush_all()
        groups = self.env["stock.quant"]._read_group(
            [("product_id", "in", (self.part + self.serial_part).ids)],
            ["location_id", "product_id", "lot_id"],
            ["quantity:sum"],
        )
        return {row[:3]: row[3] for row in groups if row[3]}

    def _check_sums(self, step):
        stock = self._get_stock()
        moved = dict(self.start)
        for line in self.env["stock.move.line"].search(
            [
                ("id", ">", self.last_move.id or 0),
                ("state", "=", "done"),
                ("product_id", "in", (self.part + self.serial_part).ids),
            ]
        ):
            for location, sign in (
                (line.location_id, -1),
                (line.location_dest_id, 1),
            ):
                key = (location, line.product_id, line.lot_id)
                moved[key] = moved.get(key, 0) + sign * line.quantity_product_uom
        self.assertEqual(
            {key: held for key, held in moved.items() if held}, stock, step
        )
        # None appears: all places together hold what they held at the start
        self.assertEqual(sum(stock.values()), sum(self.start.values()), step)
        for (location, product, lot), held in stock.items():
            if location.usage in ("internal", "transit"):
                self.assertGreater(held, 0, (step, location.name, product.name))
            if lot and lot in self.lots:
                self.assertLessEqual(abs(held), 1, step)
        for lot in self.lots:
            places = [
                location
                for (location, _product, of_lot), held in stock.items()
                if of_lot == lot and held > 0
            ]
            self.assertEqual(len(places), 1, (step, lot.name))
        # The book of custody says the same as the stock, for each point
        change = sum(
            self.env["service.part.movement"]
            .search(
                [("point_id", "=", self.point.id), ("id", ">", self.last_move.id or 0)]
            )
            .mapped("change")
        )
        places = self.point._get_stock_locations() | self.point.defective_location_id
        held = sum(n for (location, *__), n in stock.items() if location in places)
        began = sum(
            n for (location, *__), n in self.start.items() if location in places
        )
        self.assertEqual(change, held - began, step)

    # The steps

    def _request(self, quantity, kind="issue", **vals):
        request = self.env["service.part.request"].create(
            {
                "point_id": self.point.id,
                "kind": kind,
                "line_ids": [
                    Command.create({"product_id": self.part.id, "quantity": quantity})
                ],
                **vals,
            }
        )
        request.action_request()
        request.action_approve()
        request.action_ship()
        return request

    def _step_issue(self, quantity, choice):
        self._request(quantity).action_receive()

    def _step_issue_van(self, quantity, choice):
        self._request(quantity, technician_id=self.technician.id).action_receive()

    def _step_short(self, quantity, choice):
        request = self._request(quantity)
        request.action_receive({request.line_ids.id: choice % (quantity + 2)})
        for row in request.difference_ids:
            if row.quantity < 0:
                row.action_confirm()
            elif choice % 2:
                row.action_lost()
            else:
                row.action_found()

    def _finish(self, visit):
        visit.action_done({"outcome": "fixed"})

    def _step_use(self, quantity, choice):
        visit = self._make_visit()
        visit.action_add_part(self.part.id, quantity)
        self._finish(visit)

    def _step_use_van(self, quantity, choice):
        visit = self._make_visit()
        visit.action_add_part(self.part.id, quantity, location_id=self.van.id)
        self._finish(visit)

    def _step_use_serial(self, quantity, choice):
        visit = self._make_visit()
        lot = self.lots[choice % len(self.lots)]
        old = self.lots[quantity % len(self.lots)].name if choice > 3 else None
        visit.action_add_part(self.serial_part.id, 1, lot_id=lot.id, old_serial=old)
        self._finish(visit)

    def _due(self, kind="old"):
        return self.env["service.part.return"].search(
            [
                ("point_id", "=", self.point.id),
                ("state", "=", "due"),
                ("kind", "=", kind),
            ]
        )

    def _step_send_old(self, quantity, choice):
        rows = self._due()[:quantity]
        if choice == 5:
            rows.action_waive("no need")
            return
        rows.action_send()
        if choice == 4:
            rows.action_inspect("missing")
            return
        rows.action_receive()
        finding = (
            ("good", "stock"),
            ("defective", "repair"),
            ("defective", "scrap"),
            ("not_original", "back"),
        )[choice]
        rows.action_inspect(*finding)

    def _step_return(self, quantity, choice):
        self._request(quantity, "return").action_receive()

    def _step_count(self, quantity, choice):
        place = (self.point.location_id, self.van)[choice % 2]
        count = self.env["service.part.count"].create({"location_id": place.id})
        line = count.line_ids.filtered(lambda row: row.product_id == self.part)
        line.counted = choice
        count.action_submit()
        count.action_approve()

    def _step_lend(self, quantity, choice):
        visit = self._make_visit()
        visit.action_lend_part(
            self.serial_part.id, 1, lot_id=self.lots[choice % len(self.lots)].id
        )
        self._finish(visit)

    def _step_loan_back(self, quantity, choice):
        self._due("loan")[:1].action_receive()

    def _step_reserve(self, quantity, choice):
        order = self._make_accepted_order()
        need = self.env["service.part.need"].create(
            {"order_id": order.id, "product_id": self.part.id, "quantity": quantity}
        )
        need.action_reserve()
        if choice % 2:
            visit = self._make_visit(order)
            visit.action_add_part(self.part.id, quantity)
            self._finish(visit)

    def _step_cancel(self, quantity, choice):
        request = self.env["service.part.request"].create(
            {
                "point_id": self.point.id,
                "line_ids": [
                    Command.create({"product_id": self.part.id, "quantity": quantity})
                ],
            }
        )
        request.action_request()
        request.action_approve()
        request.action_cancel()
