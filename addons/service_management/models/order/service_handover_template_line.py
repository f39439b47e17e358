from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import format_amount, format_date, format_datetime, html2plaintext


class ServiceHandoverTemplateLine(models.Model):
    """A field that is carried over, or expressly is not."""

    _name = "service.handover.template.line"
    _description = "Hand-over Template Line"
    _order = "template_id, sequence, id"

    template_id = fields.Many2one(
        "service.handover.template", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    model = fields.Char(compute="_compute_model")
    path = fields.Char(
        string="Field",
        required=True,
        help="A field, or one behind it such as partner_id.city.",
    )
    name = fields.Char(
        string="Label",
        compute="_compute_name",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        translate=True,
    )
    mode = fields.Selection(
        [("carry", "Carried Over"), ("withhold", "Withheld")],
        required=True,
        default="carry",
    )
    group_ids = fields.Many2many(
        "res.groups",
        string="Visible To",
        domain="[('privilege_id', '!=', False)]",
        help="The roles that see the value in the order. Empty: all who see the order.",
    )

    @api.depends("template_id.model")
    def _compute_model(self):
        for line in self:
            line.model = line.template_id.model

    @api.depends("path")
    def _compute_name(self):
        for line in self:
            try:
                label = line._get_fields()[-1]._description_string(self.env)
            except (KeyError, IndexError):
                label = line.path
            line.name = line.name or label

    @api.constrains("path", "template_id")
    def _check_path(self):
        for line in self:
            try:
                found = line._get_fields()
            except KeyError as error:
                raise ValidationError(
                    self.env._(
                        "There is no field %(path)s in %(model)s.",
                        path=line.path,
                        model=line.template_id.model,
                    )
                ) from error
            if any(field.type in ("binary", "properties", "json") for field in found):
                raise ValidationError(
                    self.env._("%(path)s cannot be carried over.", path=line.path)
                )

    def _get_fields(self) -> list:
        """The fields of the path, one after the other."""
        model = self.env[self.template_id.model or self.model]
        found = []
        for name in (self.path or "").split("."):
            found.append(model._fields[name])
            if found[-1].comodel_name:
                model = self.env[found[-1].comodel_name]
        return found

    def _read(self, source) -> str:
        """The value as a person reads it; with the rights of the user."""
        self.ensure_one()
        *way, last = self.path.split(".")
        record = source
        for name in way:
            record = record[name]
        try:
            values = [self._format(row, last) for row in record]
        except AccessError as error:
            raise AccessError(
                self.env._(
                    "You may not hand over '%(label)s', because you do not see it "
                    "yourself.",
                    label=self.name,
                )
            ) from error
        return "\n".join(value for value in values if value)

    @api.model
    def _format(self, record, name) -> str:
        field, value = record._fields[name], record[name]
        if field.relational:
            return ", ".join(value.mapped("display_name"))
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if field.type == "monetary":
            currency = record[field.get_currency_field(record)]
            return format_amount(self.env, value, currency)
        if value in (False, None, ""):
            return ""
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if field.type == "date":
            return format_date(self.env, value)
        if field.type == "datetime":
            return format_datetime(self.env, value)
        if field.type == "html":
            return html2plaintext(value)
        return str(value)
