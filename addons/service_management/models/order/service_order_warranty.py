from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.service_management.engine import warranty as warranty_engine
from odoo.addons.service_management.models.asset.service_warranty import WARRANTY_KINDS

from .service_order import FINISHED_STATES, WARRANTY_FIELDS
from .service_order_coverage import COVERAGE_FIELDS

FAULT_FIELDS = (
    "condition_id",
    "symptom_id",
    "section_id",
    "defect_id",
    "repair_code_id",
)
# What a visit costs: with these covered, it takes nothing from a contract
VISIT_KINDS = {"remote": ("labour",), "on_site": ("labour", "travel")}


class ServiceOrder(models.Model):
    """What the warranty pays of an order.

    Decided for the date of the fault from the frozen terms of the asset, when the order
    is registered and whenever something it depends on changes before the work is done;
    afterwards the answer stays. Kept with it: each reason, and all that was known
    (``warranty_facts``). A person with the right to may pay more, as goodwill.
    """

    _inherit = "service.order"

    warranty_facts = fields.Json(
        readonly=True,
        copy=False,
        help="All that was known when the warranty was decided.",
    )
    warranty_exclusion_ids = fields.Many2many(
        "service.warranty.exclusion",
        context={"active_test": False},
        string="Exclusions Found",
        copy=False,
        help="What was found that a warranty may exclude, such as misuse.",
    )
    warranty_proofs_waiting = fields.Boolean(
        compute="_compute_warranty_proofs_waiting",
        help="The customer has handed in documents that nobody has looked at yet.",
    )
    goodwill_ids = fields.One2many("service.goodwill", "order_id", copy=False)

    def _compute_warranty_proofs_waiting(self):
        # sudo: service.warranty.proof: that there are some, to whoever reads the order
        waiting = self.env["service.warranty.proof"].sudo()._find_waiting(self.asset_id)
        for order in self:
            order.warranty_proofs_waiting = order.asset_id in waiting

    def action_view_warranty_proofs(self):
        """What the customer has handed in for the warranty of the product."""
        return self.asset_id.action_view_warranty_proofs()

    # The decision

    def _prepare_fault(self, parts=()) -> warranty_engine.Fault:
        """What is known of the fault.

        :param parts: for each spare part the ids of its category and those above
        """
        self.ensure_one()
        return warranty_engine.Fault(
            self.date_fault or None,
            sections=frozenset(self.section_id._origin.ids),
            faults=frozenset(
                fault for name in FAULT_FIELDS for fault in self[name]._origin.ids
            ),
            parts=tuple(parts),
            found=frozenset(self.warranty_exclusion_ids.mapped("code")),
            **self.asset_id._origin._get_warranty_facts(),
        )

    def _get_warranty_parts(self) -> dict:
        """Hook: order → products of the spare parts that it took or will take."""
        return {}

    @api.model
    def _get_category_paths(self, products) -> list:
        """For each product the ids of its category and of those above it."""
        return [
            frozenset(
                int(part)
                for part in (product.categ_id.parent_path or "").split("/")
                if part
            )
            for product in products
        ]

    def _preview_warranty(self) -> dict:
        """Order → what deciding its warranty now would write; nothing is written."""
        orders = self.filtered("asset_id")
        parts = orders._get_warranty_parts() if orders else {}
        cases = []
        for order in orders:
            paths = order._get_category_paths(parts.get(order, ()))
            # sudo: service.order: what is known of the fault decides, whoever asks
            fault = order.sudo()._prepare_fault(paths)
            cases.append((order.asset_id._origin, fault))
        decisions = self.env["service.asset"]._decide_warranties(cases)
        decided = dict(zip(orders, zip(cases, decisions, strict=True), strict=True))
        result = {}
        for order in self:
            if order not in decided:
                result[order] = {
                    "warranty_state": "none",
                    "warranty_reasons": [{"code": "no_asset"}],
                    "warranty_facts": False,
                }
                continue
            case, by_kind = decided[order]
            result[order] = {
                "warranty_state": warranty_engine.summarise(by_kind),
                "warranty_reasons": warranty_engine.as_data(by_kind),
                "warranty_facts": order._prepare_warranty_facts(*case),
            }
        return result

    def _prepare_warranty_facts(self, asset, fault) -> dict:
        """All that the decision was taken from, as plain values."""
        return {
            "asset": asset.id,
            "asset_name": asset.name,
            "promise": asset.sudo().warranty_promise_id.id,
            "day": fault.day and fault.day.isoformat(),
            "faults": {
                name: self[name].display_name for name in FAULT_FIELDS if self[name]
            },
            "exclusions": sorted(fault.found),
            "documents": sorted(fault.documents),
            "company": fault.is_company,
            "parts": len(fault.parts),
        }

    def _decide_warranty(self):
        """Decide for the date of the fault what the warranty covers, and why."""
        # Lines whose first day has come since the asset was last looked at
        self.asset_id.filtered("warranty_pending")._freeze_warranty()
        decided = self._preview_warranty()
        changed = self.filtered(
            lambda order: (
                order.warranty_reasons != decided[order]["warranty_reasons"]
                or order.warranty_state != decided[order]["warranty_state"]
            )
        )
        for name in ("warranty_state", "warranty_reasons", "warranty_facts"):
            self._assign_each(name, [decided[order][name] for order in self])
        # Without an asset there is nothing to decide, and nothing to tell
        told = changed.filtered("asset_id")
        told._log_event("warranty", names=[order.warranty_note for order in told])

    def _renew_warranty(self, names=()):
        """Something that it depends on has changed; what was done stays decided.

        :param names: fields that were written: some of them renew the coverage anyway
        """
        orders = self.filtered(
            lambda order: (
                order.state not in ("draft", *FINISHED_STATES)
                and (order.asset_id or order.warranty_facts)
            )
        )
        before = orders._get_covered_kinds()
        orders._decide_warranty()
        after = orders._get_covered_kinds()
        if not COVERAGE_FIELDS & set(names):
            orders.filtered(
                lambda order: before[order] != after[order]
            )._renew_coverage()

    # Who pays

    def _get_covered_kinds(self) -> dict:
        """Order → kind of cost → ``covered`` (by warranty, campaign or goodwill),
        ``not_covered``, ``unknown`` (a fact is missing: see the reasons) or ``no_term``
        (nothing was promised).

        For drafts, what registering would decide. Goodwill of a part of the costs is
        told by ``_get_covered_shares``.
        """
        return {
            order: {
                kind: "covered"
                if payer["share"] >= 100 and payer["payer"] != "warranty"
                else payer["answer"]
                for kind, payer in payers.items()
            }
            for order, payers in self._get_payers().items()
        }

    def _get_covered_shares(self) -> dict:
        """Order → kind of cost → per cent that the customer does not pay."""
        return {
            order: {kind: payer["share"] for kind, payer in payers.items()}
            for order, payers in self._get_payers().items()
        }

    def _get_payers(self) -> dict:
        """Order → kind → ``{answer, share, payer, reason}`` beside any contract.

        ``payer`` is ``warranty``, ``campaign``, ``goodwill`` or ``False``; ``reason``
        the reason of the warranty decision.
        """
        # Being registered gives a number first
        undecided = self.filtered(lambda rec: rec.state == "draft" and not rec.name)
        decided = undecided._preview_warranty()
        result = {}
        for order in self:
            reasons = (
                decided[order]["warranty_reasons"]
                if order in decided
                else order.warranty_reasons
            )
            by_kind = {
                reason["kind"]: reason for reason in reasons or () if reason.get("kind")
            }
            campaign = order._get_campaign_kinds()
            goodwill = order._get_goodwill() if order not in decided else {}
            payers = {}
            for kind, __ in WARRANTY_KINDS:
                reason = by_kind.get(kind)
                if not (reason or kind in campaign or kind in goodwill):
                    continue
                answer = warranty_engine.answer(reason["code"]) if reason else "no_term"
                payer, share = False, 0
                if answer == "covered":
                    payer, share = "warranty", 100
                elif kind in campaign:
                    payer, share = "campaign", 100
                elif goodwill.get(kind):
                    payer, share = "goodwill", goodwill[kind].percent
                payers[kind] = {
                    "answer": answer,
                    "share": share,
                    "payer": payer,
                    "reason": reason or {"kind": kind, "code": "no_term"},
                }
            result[order] = payers
        return result

    def _get_campaign_kinds(self) -> set:
        """Hook: kinds of cost that a campaign pays, whatever the warranty says."""
        return set()

    def _get_goodwill(self) -> dict:
        """Kind → the latest grant of it, if any."""
        self.ensure_one()
        # sudo: service.goodwill: what was granted decides, whoever asks
        return {grant.kind: grant for grant in self.sudo().goodwill_ids.sorted("id")}

    def _get_paid_by_warranty(self) -> dict:
        """Order → whether a visit takes nothing from a contract, as others pay it."""
        return {
            order: all(
                covered.get(kind) == "covered"
                for kind in VISIT_KINDS.get(
                    order.entitlement_kind, VISIT_KINDS["on_site"]
                )
            )
            for order, covered in self._get_covered_kinds().items()
        }

    def _get_part_coverage(self, products) -> dict:
        """Product → answer for it as a spare part of this order, as in
        ``_get_covered_kinds``: a consumable is not covered beside a part that is."""
        self.ensure_one()
        payer = self._get_payers()[self].get("parts", {})
        if payer.get("payer") in ("campaign", "goodwill") and payer["share"] >= 100:
            return dict.fromkeys(products, "covered")
        if not self.asset_id:
            return dict.fromkeys(products, "no_term")
        cases = [
            (
                self.asset_id,
                self.sudo()._prepare_fault(self._get_category_paths(product)),
            )
            for product in products
        ]
        decided = self.env["service.asset"]._decide_warranties(cases)
        return {
            product: decisions["parts"].answer
            for product, decisions in zip(products, decided, strict=True)
        }

    # In words

    @api.depends("warranty_reasons", "goodwill_ids", *WARRANTY_FIELDS)
    def _compute_coverage_view(self):
        return super()._compute_coverage_view()

    def _prepare_coverage_view(self, vals):
        """Also ``kinds``: ``{kind, label, payer, payer_label, text}`` for each kind of
        cost, the one consistent answer of warranty, campaign, goodwill and contract."""
        view = super()._prepare_coverage_view(vals)
        return view | {"kinds": self._prepare_payer_rows(view["state"])}

    def _prepare_payer_rows(self, coverage_state) -> list[dict]:
        payers = self._get_payers()[self]
        if not self.asset_id and not payers:
            return []
        names = self._get_payer_names()
        # sudo: service.asset: sentences for whoever may read the order
        describe = self.asset_id.sudo()._describe_warranty_reason
        rows = []
        kinds = self.env["service.warranty"]._fields["kind"]
        for kind, label in kinds._description_selection(self.env):
            row = payers.get(kind)
            if not row:
                continue
            payer = row["payer"]
            if not payer and row["answer"] == "unknown":
                payer = "open"
            elif not payer:
                is_visit = kind in VISIT_KINDS["on_site"]
                is_covered = coverage_state == "covered" and is_visit
                payer = "contract" if is_covered else "customer"
            text = describe(row["reason"])
            if payer == "goodwill":
                text = self.env._("%(percent)s%% of it", percent=row["share"])
            rows.append(
                {
                    "kind": kind,
                    "label": label,
                    "payer": payer,
                    "payer_label": names[payer],
                    "text": text,
                }
            )
        return rows

    @api.model
    def _get_payer_names(self) -> dict:
        return {
            "warranty": self.env._("Warranty"),
            "campaign": self.env._("Recall"),
            "goodwill": self.env._("Goodwill"),
            "contract": self.env._("Contract"),
            "customer": self.env._("Customer"),
            "open": self.env._("To Be Clarified"),
        }

    # Goodwill

    def action_goodwill(self, kinds, reason, percent=100):
        """Pay what the warranty does not, with the reason; an event of the order.

        :param kinds: of ``labour``, ``parts``, ``travel``
        :param percent: of the costs; zero takes an earlier grant back
        """
        if not self.env.user.has_group("service_management.group_service_goodwill"):
            raise AccessError(
                self.env._(
                    "Only those with the right to grant goodwill may do this. Ask a "
                    "service manager."
                )
            )
        self.check_access("write")
        reason = (reason or "").strip()
        if not reason or not kinds:
            raise UserError(
                self.env._("Say what is granted and why: the order keeps both.")
            )
        self._check_not_state(("draft", "closed", "cancelled"))
        # sudo: service.goodwill: the right was checked above; nobody writes it by hand
        self.env["service.goodwill"].sudo().create(
            [
                {
                    "order_id": order.id,
                    "kind": kind,
                    "percent": percent,
                    "reason": reason,
                    "user_id": self.env.uid,
                }
                for order in self
                for kind in kinds
            ]
        )
        labels = dict(
            self.env["service.goodwill"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        self._log_event(
            "goodwill",
            name=self.env._(
                "%(kinds)s: %(percent)s%% as goodwill. %(reason)s",
                kinds=", ".join(labels[kind] for kind in kinds),
                percent=percent,
                reason=reason,
            ),
            data={"kinds": list(kinds), "percent": percent, "reason": reason},
        )
        self.filtered(
            lambda order: order.state not in FINISHED_STATES
        )._renew_coverage()
        return True

    def action_open_goodwill(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": "service.goodwill.grant",
            "name": self.env._("Grant Goodwill"),
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_ids": self.ids},
        }
