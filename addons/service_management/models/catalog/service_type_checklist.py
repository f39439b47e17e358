from odoo import fields, models


class ServiceType(models.Model):
    _inherit = "service.type"

    checklist_ids = fields.One2many(
        "service.checklist",
        "type_id",
        string="Checklists",
        help="What is asked on a visit, by product category.",
    )

    def _find_checklist(self, category):
        """The checklist for products of ``category``: that of the nearest category
        above it, else the one for every product; none where none is kept."""
        # sudo: service.checklist: which one is asked does not hang on who asks
        best = self.sudo().checklist_ids.browse()
        path = (category.parent_path or "").split("/")
        depth = -1
        for checklist in self.sudo().checklist_ids:
            own = checklist.category_id
            level = path.index(str(own.id)) + 1 if str(own.id) in path else 0
            if (level or not own) and level > depth:
                best, depth = checklist, level
        return best
