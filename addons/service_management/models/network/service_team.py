from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ServiceTeam(models.Model):
    """People who act on work items together; the tree is the way of escalation."""

    _name = "service.team"
    _description = "Service Team"
    _order = "name, id"
    _parent_store = True
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        copy=False,
        help="A short word by which drawn workflows and interfaces name the team.",
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: the team serves every company."
    )
    leader_id = fields.Many2one(
        "res.users", check_company=True, domain="[('share', '=', False)]"
    )
    member_ids = fields.Many2many(
        "res.users",
        relation="service_team_res_users_rel",
        column1="team_id",
        column2="user_id",
        string="Members",
        domain="[('share', '=', False)]",
    )
    parent_id = fields.Many2one(
        "service.team",
        string="Escalates To",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("service.team", "parent_id", string="Sub-teams")

    _code_uniq = models.UniqueIndex(
        "(code) WHERE code IS NOT NULL", "The code of a team must be unique."
    )

    @api.constrains("parent_id")
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("A team cannot be, through its parents, above itself.")
            )
