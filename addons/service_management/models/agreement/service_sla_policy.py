from dataclasses import dataclass, field

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import ormcache

from odoo.addons.service_management.engine import sla_clock


@dataclass(frozen=True)
class CompiledPolicy:
    """A policy as plain values; remembers what it chose for which kind of order."""

    name: str
    calendar_id: int
    has_site_zone: bool
    rules: sla_clock.Rules
    targets: tuple[sla_clock.Target, ...]
    _chosen: dict = field(default_factory=dict, compare=False, repr=False)

    def choose(self, wanted: sla_clock.Wanted) -> dict[str, sla_clock.Target]:
        chosen = self._chosen.get(wanted)
        if chosen is None:
            if len(self._chosen) > 2000:
                self._chosen.clear()
            chosen = sla_clock.choose_targets(self.targets, wanted)
            self._chosen[wanted] = chosen
        return chosen


class ServiceSlaPolicy(models.Model):
    """What is promised in time: a set of targets, counted in a calendar.

    An order has the policy of its contract, else of its service type, else of the
    company; with none of them nothing is promised by the clock.
    """

    _name = "service.sla.policy"
    _description = "Service-Level Policy"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Empty: every company may use the policy.",
    )
    description = fields.Text(
        translate=True, help="The promise in words that a customer understands."
    )
    # In which time
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Service Hours",
        check_company=True,
        help="Targets count in these hours. Empty: the hours of the team, else of the "
        "company; where none of them has any, around the clock.",
    )
    has_site_zone = fields.Boolean(
        string="In the Site's Time Zone",
        help="9 o'clock is 9 o'clock at the customer's site. Otherwise in the time "
        "zone of the service hours.",
    )
    # What counts
    is_response_message = fields.Boolean(
        string="Message to the Customer",
        default=True,
        help="Written by a person. An automatic acknowledgement never counts.",
    )
    is_response_call = fields.Boolean(string="Call Logged", default=True)
    is_response_visit = fields.Boolean(string="Visit Booked", default=True)
    is_restarted = fields.Boolean(
        string="Reopened Orders Start Again",
        help="A reopened order gets the full time once more; a promise that was "
        "broken before stays broken. Otherwise the clock goes on from where it stood.",
    )
    is_until_closed = fields.Boolean(
        string="Resolved When Closed",
        help="A resolution counts until the order is closed, the customer's answer "
        "included. Otherwise until the work is done.",
    )
    target_ids = fields.One2many("service.sla.target", "policy_id", copy=True)
    # What both sides do
    provider_duties = fields.Text(string="What We Do", translate=True)
    customer_duties = fields.Text(string="What the Customer Does", translate=True)
    contract_count = fields.Integer(compute="_compute_contract_count")

    def _compute_contract_count(self):
        counts = dict(
            self.env["service.contract"]._read_group(
                [("sla_policy_id", "in", self.ids)], ["sla_policy_id"], ["__count"]
            )
        )
        for policy in self:
            policy.contract_count = counts.get(policy, 0)

    def action_view_contracts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_contract"
        )
        action["domain"] = [("sla_policy_id", "=", self.id)]
        action["context"] = {"default_sla_policy_id": self.id}
        return action

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - {"description", "provider_duties", "customer_duties"}:
            self._on_promise_changed()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def _on_promise_changed(self):
        """Forget the compiled targets; open orders are promised anew, by the job."""
        if self:
            self.env.registry.clear_cache()
            self.env["service.sla.clock"]._mark_stale(
                Domain("policy_id", "in", self.ids)
            )

    @api.model
    @ormcache("policy_id")
    def _get_compiled(self, policy_id) -> CompiledPolicy:
        # sudo: service.sla.policy: what is promised follows from the order, not from
        # who registers it
        policy = self.sudo().browse(policy_id)
        responses = {
            "message": policy.is_response_message,
            "call": policy.is_response_call,
            "scheduled": policy.is_response_visit,
        }
        return CompiledPolicy(
            name=policy.name,
            calendar_id=policy.calendar_id.id or 0,
            has_site_zone=policy.has_site_zone,
            rules=sla_clock.Rules(
                frozenset(kind for kind, counts in responses.items() if counts),
                policy.is_restarted,
                policy.is_until_closed,
            ),
            targets=tuple(target._get_compiled() for target in policy.target_ids),
        )
