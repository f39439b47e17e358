from odoo import models
from odoo.exceptions import UserError

REPORT_CODES = {
    "section_id": "section",
    "defect_id": "defect",
    "repair_code_id": "repair",
}


class ServiceVisit(models.Model):
    """A visit on the pages of its service point, as plain values; expects sudo."""

    _inherit = "service.visit"

    def _get_job_values(self) -> list[dict]:
        states = dict(self._fields["state"]._description_selection(self.env))
        outcomes = dict(self._fields["outcome"]._description_selection(self.env))
        return [
            {
                "id": visit.id,
                "url": f"/my/service/jobs/{visit.order_id.id}/visits/{visit.id}",
                "state": visit.state,
                "state_label": states[visit.state],
                "start": visit.planned_start,
                "end": visit.planned_end,
                "technician": visit.technician_id.name,
                "outcome": outcomes.get(visit.outcome),
                "report": visit.report,
                "signed_by": visit.signed_by,
                "parts": [
                    {"name": line["name"], "quantity": line["quantity"]}
                    for line in visit.part_lines or ()
                ],
            }
            for visit in self
        ]

    def _get_report_choices(self) -> dict:
        """What the report of the visit lets the point's user choose from."""
        self.ensure_one()
        return {
            "outcomes": self._fields["outcome"]._description_selection(self.env),
            **{
                name: [
                    (code.id, code.display_name)
                    for code in self._get_report_codes(name)
                ]
                for name in REPORT_CODES
            },
            "parts": [
                {
                    "product_id": part["product_id"],
                    "label": self.env._(
                        "%(part)s (%(quantity)g available)",
                        part=part["name"],
                        quantity=part["free"],
                    ),
                    "has_serial": part["tracking"] == "serial",
                }
                for part in self.order_id._get_part_availability()
                if part["free"] > 0
            ],
        }

    def _get_report_codes(self, name):
        codes = self.env["service.fault.code"]
        return codes.search(
            codes._get_category_domain(self.order_id.category_id, REPORT_CODES[name])
        )

    def _prepare_portal_result(self, values) -> dict:
        """The result for ``action_done`` from what a form sent, codes checked."""
        self.ensure_one()
        if values["outcome"] not in dict(self._fields["outcome"].selection):
            raise UserError(self.env._("Please choose what came of the visit."))
        result = {
            name: values[name]
            for name in ("outcome", "report", "signed_by", "needs_next_visit")
        }
        for name in REPORT_CODES:
            if values[name]:
                if values[name] not in self._get_report_codes(name).ids:
                    raise UserError(
                        self.env._("Please choose one of the values offered.")
                    )
                result[name] = values[name]
        return result

    def _add_portal_parts(self, lines):
        """Note the parts of ``lines`` as a form sent them.

        :param lines: (product id, quantity, serial number built in, serial number
            taken out)
        """
        self.ensure_one()
        held = {part["product_id"] for part in self.order_id._get_part_availability()}
        for product_id, quantity, serial, old_serial in lines:
            if not product_id:
                continue
            try:
                product_id, quantity = int(product_id), float(quantity or 1)
            except ValueError:
                raise UserError(
                    self.env._("Please give the quantity of each part as a number.")
                ) from None
            if product_id not in held:
                raise UserError(
                    self.env._("Please choose parts that your service point holds.")
                )
            # sudo: product.product: one that the point holds
            product = self.env["product.product"].sudo().browse(product_id)
            self.action_add_part(
                product_id,
                quantity,
                lot_id=self._get_part_lot(product, serial),
                old_serial=old_serial,
            )
