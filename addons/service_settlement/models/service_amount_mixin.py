import math

from odoo import api, models
from odoo.exceptions import UserError

# More than anybody books in any currency: what is above it was mistyped
MAX_AMOUNT = 1e15


class ServiceAmountMixin(models.AbstractModel):
    """Amounts and other numbers that people, forms and programs write are numbers.

    JSON brings NaN and infinity, also as text. The ORM answers most of them with a
    server error, and stores them where a field has no digits; compared with a limit a
    NaN passes as neither above nor below it. A model that inherits this refuses them
    with a sentence, whether they are given or come as a default.
    """

    _name = "service.amount.mixin"
    _description = "Amounts Are Numbers"

    def _prepare_create_values(self, vals_list):
        # What is given, before anything is computed from it, then what are defaults
        for vals in vals_list:
            self._check_numbers(vals)
        result = super()._prepare_create_values(vals_list)
        for vals in result:
            self._check_numbers(vals)
        return result

    def write(self, vals):
        self._check_numbers(vals)
        return super().write(vals)

    @api.model
    def _check_numbers(self, vals):
        for name, value in vals.items():
            field = self._fields.get(name)
            if not value or not field or field.type not in ("float", "monetary"):
                continue
            try:
                number = float(value)
            except (TypeError, ValueError, OverflowError):
                number = math.nan
            if not abs(number) <= MAX_AMOUNT:
                raise UserError(
                    self.env._(
                        "%(field)s: please enter a number that can be booked.",
                        field=field._description_string(self.env),
                    )
                )
