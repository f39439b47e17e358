from odoo import api, fields, models


class ServiceTechnicianLeave(models.TransientModel):
    """Enter time off, and see the visits that it hits before it is kept."""

    _name = "service.technician.leave"
    _description = "Time Off of a Technician"

    technician_id = fields.Many2one("service.technician", required=True)
    date_from = fields.Datetime(string="Start", required=True)
    date_to = fields.Datetime(string="End", required=True)
    name = fields.Char(string="Reason", help="Why; not shown to customers.")
    visit_ids = fields.Many2many(
        "service.visit", string="Visits Hit", compute="_compute_visit_ids"
    )

    @api.depends("technician_id", "date_from", "date_to")
    def _compute_visit_ids(self):
        for leave in self:
            if leave.technician_id and leave.date_from and leave.date_to:
                visits = leave.technician_id._find_hit_visits(
                    leave.date_from, leave.date_to
                )
                leave.visit_ids = visits.sudo(False)._filtered_access("read")
            else:
                leave.visit_ids = False

    def action_confirm(self):
        self.ensure_one()
        visits = self.technician_id._add_leave(self.date_from, self.date_to, self.name)
        visits = visits.sudo(False)._filtered_access("read")
        if not visits:
            return {"type": "ir.actions.act_window_close"}
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "service_management.action_service_visit_replan"
        )
        action["domain"] = [("id", "in", visits.ids)]
        return action
