from odoo import api, fields, models

from odoo.addons.service_management.engine.crew import Asked


class ServiceType(models.Model):
    _inherit = "service.type"

    team_id = fields.Many2one(
        "service.team",
        string="Responsible Team",
        index="btree_not_null",
        help="New orders of this type are the work of this team.",
    )
    tool_ids = fields.Many2many(
        "service.tool",
        string="Tools Needed",
        help="At least one of the crew has to carry each of them, or to fetch it at "
        "the service point.",
    )
    crew_size = fields.Integer(
        default=1, help="How many technicians a visit of this type needs."
    )

    _crew_size_positive = models.Constraint(
        "CHECK (crew_size >= 1)", "A crew has one technician at least."
    )
    repair_level = fields.Integer(
        default=1,
        aggregator=None,
        help="Points whose coverage has a smaller level do not get orders of this "
        "type.",
    )

    _repair_level_in_range = models.Constraint(
        "CHECK (repair_level BETWEEN 1 AND 3)", "The repair level is 1, 2 or 3."
    )

    def _get_asked(self, category, parts=None, people=1) -> Asked:
        """What a visit of this type for a product of ``category`` asks of its crew; of
        no type: one who brings the parts.

        :param parts: quantities by product
        :param people: so many go, where that is more than the crew has to be
        """
        skills: dict[int, float] = {}
        each = set()
        for requirement in self._get_requirements(category):
            skill = requirement.skill_id.id
            level = float(requirement.level_id.level_progress)
            skills[skill] = max(skills.get(skill, 0.0), level)
            if requirement.crew_need == "all":
                each.add(skill)
        return Asked(
            max(self.crew_size, people),
            skills,
            frozenset(skills.keys() - each),
            frozenset(self.tool_ids.ids),
            parts or {},
        )

    @api.model
    @api.readonly
    def get_usual_type_id(self) -> int | bool:
        return self._get_usual_type().id

    @api.model
    def _get_usual_type(self):
        """What is asked about first: repairs, else the first type with visits."""
        types = self.search([("visit_required", "=", True)])
        return types.filtered(lambda rec: rec.code == "repair") or types[:1]


class ServiceSkillRequirement(models.Model):
    """Of a crew, one may have the skill and the others help."""

    _inherit = "service.skill.requirement"

    crew_need = fields.Selection(
        [("one", "One of the Crew"), ("all", "Everyone")],
        string="Asked Of",
        default="one",
        required=True,
        help="Who of a crew needs the skill: it is enough that one of it has it, or "
        "nobody may go without it. Whoever goes alone needs it in any case.",
    )
