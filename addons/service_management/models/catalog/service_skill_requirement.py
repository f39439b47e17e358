from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ServiceSkillRequirement(models.Model):
    """A technician needs this skill, at this level or above, valid on the day."""

    _name = "service.skill.requirement"
    _description = "Skill Requirement"
    _order = "type_id, category_id, skill_id"
    _rec_name = "skill_id"

    type_id = fields.Many2one(
        "service.type",
        string="Service Type",
        required=True,
        index=True,
        ondelete="cascade",
    )
    category_id = fields.Many2one(
        "product.category",
        string="Product Category",
        index="btree_not_null",
        ondelete="cascade",
        help="Asked for products of this category and of those below it. Empty: for "
        "every product.",
    )
    skill_type_id = fields.Many2one(related="skill_id.skill_type_id")
    skill_id = fields.Many2one("hr.skill", required=True, ondelete="cascade")
    level_id = fields.Many2one(
        "hr.skill.level",
        string="Minimum Level",
        required=True,
        ondelete="cascade",
        domain="[('skill_type_id', '=', skill_type_id)]",
    )

    _requirement_uniq = models.UniqueIndex(
        "(type_id, skill_id, (COALESCE(category_id, 0)))",
        "The service type already asks for this skill.",
    )

    @api.constrains("skill_id", "level_id")
    def _check_level_of_skill(self):
        for requirement in self:
            if requirement.level_id.skill_type_id != requirement.skill_type_id:
                raise ValidationError(
                    self.env._(
                        "%(level)s is not a level of the skill %(skill)s.",
                        level=requirement.level_id.name,
                        skill=requirement.skill_id.name,
                    )
                )

    @api.depends("skill_id", "level_id")
    def _compute_display_name(self):
        for requirement in self:
            requirement.display_name = self.env._(
                "%(skill)s, %(level)s or above",
                skill=requirement.skill_id.name,
                level=requirement.level_id.name,
            )

    def _is_for_category(self, category) -> bool:
        self.ensure_one()
        if not self.category_id:
            return True
        return str(self.category_id.id) in (category.parent_path or "").split("/")
