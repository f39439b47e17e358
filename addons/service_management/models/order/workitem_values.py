"""What a person fills in with a task, before it is written with all rights."""

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command

TEXT_TYPES = ("char", "text", "html")
NUMBER_TYPES = ("float", "monetary")


def read_value(order, name, value):
    """``value`` as it may be written to the field ``name`` of ``order``.

    Plain values of the field's type, the id of a record, or a list of ids; records
    only that the user of ``order`` may read. Commands would create, change or delete
    records with the rights that the order is written with.

    :param order: the order, as the user who acts
    :raise UserError: naming the field
    """
    field = order._fields[name]
    if value is None or value is False:
        return [Command.clear()] if _is_many(field) else False
    if not _is_value(field, value, order.env):
        raise _refusal(order, field)
    if field.relational:
        ids = value if _is_many(field) else [value]
        if not _are_within_reach(order, field, ids):
            raise _refusal(order, field)
        return [Command.set(ids)] if _is_many(field) else value
    return value


def _is_many(field) -> bool:
    return field.type == "many2many"


def _is_id(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_value(field, value, env) -> bool:
    if field.type in TEXT_TYPES:
        return isinstance(value, str)
    if field.type == "boolean":
        return isinstance(value, bool)
    if field.type == "integer":
        return isinstance(value, int)
    if field.type in NUMBER_TYPES:
        return isinstance(value, int | float)
    if field.type == "selection":
        return isinstance(value, str) and value in field.get_values(env)
    if field.type in ("date", "datetime"):
        return _is_moment(field, value)
    if field.type == "many2one":
        return _is_id(value)
    return (
        _is_many(field)
        and isinstance(value, list | tuple)
        and all(_is_id(number) for number in value)
    )


def _is_moment(field, value) -> bool:
    parse = fields.Date.to_date if field.type == "date" else fields.Datetime.to_datetime
    try:
        return bool(parse(value))
    except (ValueError, TypeError, AttributeError):
        return False


def _are_within_reach(order, field, ids) -> bool:
    records = order.env[field.comodel_name].browse(ids).exists()
    domain = field.get_comodel_domain(order)
    return (
        len(records) == len(set(ids))
        and records.has_access("read")
        and records == records.filtered_domain(domain)
    )


def _refusal(order, field) -> UserError:
    label = order.fields_get([field.name], ["string"]).get(field.name, {})
    return UserError(
        order.env._(
            "'%(field)s' cannot take this value.",
            field=label.get("string") or field.name,
        )
    )
