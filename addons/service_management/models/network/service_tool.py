from odoo import fields, models


class ServiceTool(models.Model):
    """A tool that some kinds of work need and some technicians carry."""

    _name = "service.tool"
    _description = "Tool"
    _order = "name, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="A short word for imports and interfaces.")
    color = fields.Integer()
    active = fields.Boolean(default=True)

    _code_uniq = models.UniqueIndex(
        "(code) WHERE code IS NOT NULL", "The code of a tool must be unique."
    )
