from odoo import api, models
from odoo.fields import Domain

ASKED_AMOUNT = 480.0


class ServiceDemo(models.AbstractModel):
    """What lies on the desk of those who check claims: an amount that a point filed
    by itself, a claim that was sent back, an appeal, a question before costly work,
    and a tariff on trial."""

    _inherit = "service.demo"

    @api.model
    def _load_claim_desk(self):
        accountant = self.env.ref("service_settlement.demo_user_accountant")
        claims = self.env["service.claim"].search(
            [("state", "=", "approved"), ("decided_by_id", "=", False)],
            order="date desc, id desc",
            limit=8,
        )
        # Enough is left for the month to be settled
        for claim, what in zip(
            claims[::2], ("file", "send_back", "appeal"), strict=False
        ):
            getattr(self, f"_demo_{what}")(claim.with_user(accountant))
        self._demo_ask()
        self._demo_trial(accountant)

    @api.model
    def _demo_file(self, claim):
        if claim._can_file():
            user = claim.sudo().point_id.user_ids[:1] or self.env.user
            claim.with_user(user).sudo()._file(
                [{"kind": "other", "amount": 18.0, "note": "Toll of the ring road"}],
                "The receipt follows by post.",
            )

    @api.model
    def _demo_send_back(self, claim):
        claim.action_back_to_check()
        claim.action_send_back(
            "Please add a photo of the rating plate.",
            self.env.ref("service_settlement.claim_reason_document_needed"),
        )

    @api.model
    def _demo_appeal(self, claim):
        claim.action_reject(
            "",
            self.env.ref("service_settlement.claim_reason_bundled"),
        )
        user = claim.sudo().point_id.user_ids[:1] or self.env.ref("base.user_admin")
        claim.with_user(user).sudo()._appeal(
            "These were two visits on two days, see the reports."
        )

    @api.model
    def _demo_ask(self):
        order = self.env["service.order"].search(
            Domain("point_id.is_settled", "=", True)
            & Domain("state", "in", ("accepted", "scheduled", "in_progress")),
            order="id",
            limit=1,
        )
        if order:
            self.env["service.claim.authorisation"]._ask(
                order,
                ASKED_AMOUNT,
                "The compressor has to be changed; refrigerant and a second technician "
                "are needed.",
            )

    @api.model
    def _demo_trial(self, accountant):
        trial = (
            self.env["service.tariff.trial"]
            .with_user(accountant)
            .create(
                {"tariff_id": self.env.ref("service_settlement.demo_tariff_next").id}
            )
        )
        trial.sudo()._queue_process_one()
