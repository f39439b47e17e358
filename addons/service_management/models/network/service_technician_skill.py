from odoo import fields, models


class ServiceTechnicianSkill(models.Model):
    """A skill or certificate of a technician, with its level and validity."""

    _name = "service.technician.skill"
    _description = "Technician Skill"
    _inherit = ["hr.individual.skill.mixin", "service.owner.mixin"]
    _owner_field = "technician_id"
    _order = "skill_type_id, skill_id, valid_from desc"
    _rec_name = "skill_id"

    technician_id = fields.Many2one(
        "service.technician", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="technician_id.company_id", store=True)
    skill_type_id = fields.Many2one(default=lambda self: self._default_service_type())
    valid_from = fields.Date(default=fields.Date.context_today, required=True)

    def _default_service_type(self):
        return self.env.ref(
            "service_management.skill_type_service", raise_if_not_found=False
        )

    def _linked_field_name(self):
        return "technician_id"
