"""Quantities and serial numbers as people and devices give them."""

import math
import re

from odoo.exceptions import UserError

# More pieces of a part than anybody holds: what is above it was mistyped or scanned
MAX_QUANTITY = 1_000_000
MAX_SERIAL = 64
MAX_SERIALS = 1000


def read_quantity(env, value, name) -> float:
    """A quantity of a part: finite, not below zero, no more than ``MAX_QUANTITY``.

    :param str name: of the part, for the message
    :raise UserError: what came is no such number; JSON brings NaN and infinity, too
    """
    try:
        quantity = float(value)
    except (TypeError, ValueError, OverflowError):
        quantity = math.nan
    if isinstance(value, bool) or not 0 <= quantity <= MAX_QUANTITY:
        raise UserError(
            env._(
                "Quantity of %(part)s: give a number from 0 to %(maximum)s.",
                part=name,
                maximum=MAX_QUANTITY,
            )
        )
    return quantity


def read_serial(env, value, name) -> str:
    """A serial number without what scanners put around it; empty when there is none.

    :param str name: of the part, for the message
    """
    if not isinstance(value, str):
        return ""
    serial = "".join(char for char in value if char.isprintable()).strip()
    if len(serial) > MAX_SERIAL:
        raise UserError(
            env._(
                "Serial number of %(part)s: it is longer than %(maximum)s characters.",
                part=name,
                maximum=MAX_SERIAL,
            )
        )
    return serial


def read_serials(env, values, name) -> list[str]:
    """Serial numbers as somebody typed them: in lines, with commas, or as a list.

    :param str name: of the part, for the message
    :raise UserError: one stands there twice, or what came is no text
    """
    if isinstance(values, str):
        values = re.split(r"[\n,;，；、]", values)
    if not isinstance(values, list | tuple | type(None)) or not all(
        isinstance(value, str) for value in values or ()
    ):
        raise UserError(
            env._("Serial numbers of %(part)s: they are given as texts.", part=name)
        )
    serials = [read_serial(env, value, name) for value in values or ()]
    serials = [serial for serial in serials if serial]
    if len(serials) > MAX_SERIALS or len(set(serials)) != len(serials):
        raise UserError(
            env._(
                "Serial numbers of %(part)s: each is named once, and at most "
                "%(maximum)s at a time.",
                part=name,
                maximum=MAX_SERIALS,
            )
        )
    return serials
