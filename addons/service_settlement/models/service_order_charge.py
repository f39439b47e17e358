from collections import defaultdict
from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.fields import Command
from odoo.tools import float_compare

from odoo.addons.service_management.models.agreement.service_type_coverage import (
    HOURLY_KINDS,
)
from odoo.addons.service_management.models.order.service_order import FINISHED_STATES

from ..engine import charge as charge_engine

CHARGE_STATES = [
    ("none", "Nothing to Charge"),
    ("undecided", "Warranty Undecided"),
    ("to_charge", "To Charge"),
    ("quoted", "Quoted"),
    ("refused", "Quotation Refused"),
    ("accepted", "Quotation Accepted"),
    ("invoiced", "Invoiced"),
    ("paid", "Paid"),
]
CHARGE_GROUPS = (
    "service_management.group_service_agent,"
    "service_settlement.group_settlement_accountant"
)


class ServiceOrder(models.Model):
    """What the customer pays: quoted by a sale order, billed by its invoice.

    Which kinds of cost are due is ``engine/charge.py``; prices come from the
    customer's price list. Before the work a quotation may be accepted on its page.
    When the work is done, what was accepted is delivered and what was used beyond it
    waits as a quotation of its own.
    """

    _inherit = "service.order"

    charge_sale_ids = fields.One2many(
        "sale.order",
        "service_charge_order_id",
        string="Quotations",
        groups=CHARGE_GROUPS,
    )
    charge_due = fields.Boolean(
        readonly=True,
        copy=False,
        groups=CHARGE_GROUPS,
        help="The work is done and something of it is the customer's to pay.",
    )
    charge_undecided = fields.Boolean(readonly=True, copy=False, groups=CHARGE_GROUPS)
    charge_reasons = fields.Json(readonly=True, copy=False, groups=CHARGE_GROUPS)
    charge_note = fields.Text(
        string="Who Pays", compute="_compute_charge_note", groups=CHARGE_GROUPS
    )
    charge_state = fields.Selection(
        CHARGE_STATES,
        string="Charge",
        compute="_compute_charge_state",
        store=True,
        index=True,
        copy=False,
        groups=CHARGE_GROUPS,
    )

    @api.depends(
        "charge_due",
        "charge_undecided",
        "charge_sale_ids.state",
        "charge_sale_ids.order_line.invoice_lines.move_id.state",
        "charge_sale_ids.order_line.invoice_lines.move_id.payment_state",
    )
    def _compute_charge_state(self):
        # sudo: sale.order, account.move: the state is the desk's, the papers are not
        for order in self.sudo():
            order.charge_state = order._get_charge_state()

    def _get_charge_state(self) -> str:
        self.ensure_one()
        sales = self.charge_sale_ids
        if sales.filtered(lambda sale: sale.state in ("draft", "sent")):
            return "quoted"
        accepted = sales.filtered(lambda sale: sale.state == "sale")
        moves = accepted.order_line.invoice_lines.move_id.filtered(
            lambda move: move.state == "posted" and move.move_type == "out_invoice"
        )
        if moves:
            paid = all(
                move.payment_state in ("paid", "in_payment", "reversed")
                for move in moves
            )
            return "paid" if paid else "invoiced"
        if accepted:
            return "accepted"
        if self.charge_undecided:
            return "undecided"
        if self.charge_due:
            return "to_charge"
        return "refused" if sales else "none"

    @api.depends("charge_reasons")
    @api.depends_context("lang")
    def _compute_charge_note(self):
        for order in self:
            order.charge_note = order._describe_charges(order.charge_reasons or ())

    @api.model
    def _describe_charges(self, reasons) -> str:
        """One sentence a kind."""
        kinds = dict(
            self.env["sale.order.line"]
            ._fields["service_charge_kind"]
            ._description_selection(self.env)
        )
        return "\n".join(
            self.env._(
                "%(kind)s: %(reason)s",
                kind=kinds.get(reason["kind"]),
                reason=self._describe_charge_code(reason["code"]),
            )
            for reason in reasons
        )

    @api.model
    def _describe_charge_code(self, code) -> str:
        return {
            "warranty": self.env._("the warranty pays"),
            "contract": self.env._("the contract pays"),
            "overage": self.env._("beyond the quota of the contract, at its price"),
            "in_overage": self.env._("in the price beyond the quota"),
            "list_price": self.env._("nothing covers it, sold at the price list"),
            "undecided": self.env._("the warranty has to be decided first"),
        }[code]

    # What is due

    def _get_charge_cover(self) -> dict:
        """Order → ``engine.charge.Cover``."""
        covered = self._get_covered_kinds()
        shares = self._get_covered_shares()
        return {
            order: charge_engine.Cover(
                kinds=covered.get(order, {}) | order._get_charged_parts(),
                shares=shares.get(order, {}),
                contract=order.coverage_state,
                overage_price=order.coverage_price,
            )
            for order in self
        }

    def _get_charged_parts(self, products=None) -> dict:
        """``parts:<product id>`` → the warranty's answer for this very part: the
        component it belongs to may be covered for longer, or be a consumable."""
        self.ensure_one()
        if products is None:
            products = self.part_need_ids.product_id | self.move_ids.product_id
        if not products:
            return {}
        answers = self._get_part_coverage(products)
        return {f"parts:{product.id}": state for product, state in answers.items()}

    def _get_charge_items(self, planned=False) -> dict:
        """Order → what was done for it, as ``engine.charge.Item``.

        :param bool planned: before the work, what it will presumably take
        """
        parts = self._get_planned_parts() if planned else self._get_used_parts()
        items = {}
        for order in self:
            hourly = order.entitlement_kind in HOURLY_KINDS
            found = []
            labour = order.type_id.charge_product_id
            if labour and not order.charge_line_id:
                quantity = order.entitlement_quantity if hourly else 1.0
                found.append(
                    charge_engine.Item("labour", labour.id, quantity=quantity or 1.0)
                )
            travel = order.type_id.charge_travel_product_id
            if travel and (planned or order._get_charged_trips()):
                trips = 1.0 if planned else order._get_charged_trips()
                found.append(charge_engine.Item("travel", travel.id, quantity=trips))
            found.extend(
                charge_engine.Item(
                    "parts", product.id, quantity, group=f"parts:{product.id}"
                )
                for product, quantity in parts[order.id].items()
            )
            items[order] = found
        return items

    def _get_charged_trips(self) -> float:
        """One way to the customer is charged, however often somebody had to come."""
        self.ensure_one()
        return 1.0 if self.visit_ids.filtered(lambda v: v.state == "done") else 0.0

    def _get_used_parts(self) -> dict:
        """Parts that stayed with the customer: order id → product → quantity."""
        groups = self.env["stock.move"]._read_group(
            [
                ("service_order_id", "in", self.ids),
                ("state", "=", "done"),
                ("location_dest_usage", "=", "customer"),
                # a loaner comes back
                ("service_kind", "!=", "loan"),
            ],
            ["service_order_id", "product_id"],
            ["quantity:sum"],
        )
        used = defaultdict(dict)
        for order, product, quantity in groups:
            used[order.id][product] = quantity
        return used

    def _get_planned_parts(self) -> dict:
        planned = defaultdict(lambda: defaultdict(float))
        needs = self.env["service.part.need"].search_fetch(
            [("order_id", "in", self.ids)], ["order_id", "product_id", "quantity"]
        )
        for need in needs:
            planned[need.order_id.id][need.product_id] += need.quantity
        return planned

    def _get_charges(self, planned=False) -> dict:
        """Order → list of ``engine.charge.Charge``."""
        # sudo: stock.move, product.product: who may charge may not read the stock
        orders_sudo = self.sudo()
        cover = orders_sudo._get_charge_cover()
        items = orders_sudo._get_charge_items(planned)
        return {
            order: charge_engine.decide(cover[order.sudo()], items[order.sudo()])
            for order in self
        }

    # The quotation

    def action_open_charge_quote(self):
        """Show what the customer would pay, line by line, before it is sent."""
        self.ensure_one()
        self._check_may_charge()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.charge.quote",
            "name": self.env._("Quote to the Customer"),
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def action_open_charge_refund(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.charge.refund",
            "name": self.env._("Refund the Customer"),
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def action_view_charges(self):
        self.ensure_one()
        self._check_may_charge()
        # sudo: sale.order: only which quotations there are
        return self.sudo().charge_sale_ids._get_quotation_action()

    def _check_may_charge(self):
        self.check_access("read")
        if not any(
            self.env.user.has_group(group) for group in CHARGE_GROUPS.split(",")
        ):
            raise UserError(
                self.env._("Only the service desk and accountants charge customers.")
            )

    def _prepare_charge_sale(self, lines) -> dict:
        """:param lines: values of sale order lines"""
        self.ensure_one()
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "origin": self.name,
            "service_charge_order_id": self.id,
            "order_line": [Command.create(line) for line in lines],
        }

    def _prepare_charge_line(self, charge) -> dict:
        self.ensure_one()
        vals = {
            "product_id": charge.key,
            "product_uom_qty": charge.quantity,
            "service_charge_kind": charge.kind,
            "service_charge_code": charge.code,
        }
        distribution = self._get_analytic_distribution()
        if distribution:
            vals["analytic_distribution"] = distribution
        if charge.price is not None:
            vals["price_unit"] = self.env["sale.order"]._get_partner_price(
                self.partner_id, charge.price, self.company_id
            )
        if charge.discount:
            vals["discount"] = charge.discount
        return vals

    def _get_analytic_distribution(self) -> dict:
        """Hook: the analytic accounts that carry cost and revenue of this order."""
        self.ensure_one()
        accounts = (
            self.contract_id.analytic_account_id | self.point_id.analytic_account_id
        )
        return {",".join(str(i) for i in accounts.ids): 100.0} if accounts else {}

    def _create_charge_sale(self, lines):
        """A quotation of ``lines`` for this order; in the customer's language."""
        self.ensure_one()
        # sudo: sale.order: the desk quotes services without the rights of sales
        sale = (
            self.env["sale.order"]
            .sudo()
            .with_company(self.company_id)
            .create(self.sudo()._prepare_charge_sale(lines))
        )
        self._link_overage(sale)
        return sale

    def _link_overage(self, sale):
        """The overage is on a quotation now: the contract does not bill it again."""
        line = sale.order_line.filtered(
            lambda line: line.service_charge_code == "overage"
        )[:1]
        if line:
            self.sudo().charge_line_id = line

    # When the work is done

    def _after_done(self):
        result = super()._after_done()
        self._settle_charges()
        return result

    def _settle_charges(self):
        """Deliver what was accepted, and note what else the customer has to pay.

        Done again after a reopening it corrects its own figures.
        """
        # sudo: sale.order: whoever reports the work done
        for order, charges in self.sudo()._get_charges().items():
            # What nobody has sent yet is made anew from what was really done
            order.charge_sale_ids.filtered(lambda sale: sale.state == "draft").unlink()
            order.write(order._prepare_charge_vals(charges))
            order._deliver_charges(charges)

    def _prepare_charge_vals(self, charges) -> dict:
        reasons = []
        for charge in charges:
            reason = {"kind": charge.kind, "code": charge.code}
            if reason not in reasons:
                reasons.append(reason)
        return {
            "charge_reasons": reasons,
            "charge_due": any(charge.is_due for charge in charges),
            "charge_undecided": any(c.code == "undecided" for c in charges),
        }

    def _deliver_charges(self, charges):
        """What was used of the accepted lines; the rest becomes a new quotation."""
        self.ensure_one()
        if not self.charge_sale_ids.filtered(lambda sale: sale.state == "sale"):
            return
        due = self._deliver_accepted(charges)
        rest = [
            self._prepare_charge_line(
                replace(charge, quantity=due[charge.kind, charge.key])
            )
            for charge in charges
            if charge.is_due
            and float_compare(due[charge.kind, charge.key], 0, precision_digits=4) > 0
        ]
        if rest:
            self._create_charge_sale(rest)

    def _deliver_accepted(self, charges) -> dict:
        """Deliver what was used of the accepted lines.

        :return: (kind, product id) → quantity that is due beyond them
        """
        self.ensure_one()
        accepted = self.charge_sale_ids.filtered(lambda sale: sale.state == "sale")
        due = defaultdict(float)
        for charge in charges:
            if charge.is_due:
                due[charge.kind, charge.key] += charge.quantity
        for line in accepted.order_line.filtered("service_charge_kind"):
            if line.service_charge_code == "share":
                # A part of what was done, by a decision: all of it, or nothing
                line._deliver_service(line.product_uom_qty)
                continue
            key = line.service_charge_kind, line.product_id.id
            used = min(line.product_uom_qty, due[key])
            if line == self.charge_line_id:
                # The overage: its price was agreed, and it is asked for only once
                used = line.product_uom_qty
            due[key] -= used
            line._deliver_service(used)
        return due

    def _deliver_late(self):
        """What is accepted after the work was delivered with it."""
        for order, charges in self._get_charges().items():
            order._deliver_accepted(charges)

    # The invoice

    def action_charge(self):
        """Bill the customers of finished orders: the accepted quotation or the work.

        One order that cannot be billed stops only itself and is shown.
        """
        self.env["service.claim"].check_access("write")
        failures = []
        for order in self:
            try:
                with self.env.cr.savepoint():
                    order._charge()
                    self.env.flush_all()
            except (UserError, LockError) as error:
                failures.append(f"{order.name}: {error}")
        return self._get_charge_notice(len(self) - len(failures), failures)

    def _get_charge_notice(self, count, failures) -> dict:
        lines = [
            self.env._("Invoices made for %(count)s orders.", count=count),
            *failures,
        ]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if failures else "success",
                "sticky": bool(failures),
                "message": "\n".join(lines[:20]),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _charge(self):
        self.ensure_one()
        self.lock_for_update()
        if self.state not in FINISHED_STATES or self.state == "cancelled":
            raise UserError(self.env._("The work is not done yet."))
        # sudo: sale.order: accountants bill services without the rights of sales
        order = self.sudo()
        if order.charge_state == "to_charge":
            charges = order._get_charges()[order]
            sale = order._create_charge_sale(
                [
                    order._prepare_charge_line(charge)
                    for charge in charges
                    if charge.is_due
                ]
            )
            sale.with_context(mail_notrack=True).action_confirm()
            order._deliver_charges(charges)
        accepted = order.charge_sale_ids.filtered(
            lambda sale: sale.state == "sale" and sale.invoice_status == "to invoice"
        )
        if not accepted:
            raise UserError(
                self.env._(
                    "There is nothing to invoice: %(state)s.",
                    state=dict(
                        self._fields["charge_state"]._description_selection(self.env)
                    )[order.charge_state],
                )
            )
        moves = accepted._create_invoices()
        if self.company_id.service_charge_auto_post:
            moves._post(soft=False)
        order._log_event("charged", name=", ".join(accepted.mapped("name")))
        return moves
