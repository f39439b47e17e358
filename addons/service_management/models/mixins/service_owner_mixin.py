from odoo import models


class ServiceOwnerMixin(models.AbstractModel):
    """Rows that belong to a service point or a technician, and may be given to another.

    Record rules are asked about what was there before a write. A consumer gains that
    they are asked about the new owner, too; ``_owner_field`` names whose the row is.
    """

    _name = "service.owner.mixin"
    _description = "Belongs to a Point or a Technician"

    _owner_field = "point_id"

    def write(self, vals):
        result = super().write(vals)
        if self._owner_field in vals:
            self.check_access("write")
        return result
