"""Conditions of workflows as text: what they may say, and which values they need.

A condition is one Python expression over plain values. It is read here, never run:
:func:`read_expression` gives the paths whose values the caller has to fetch
(``order.partner_id.name``) and refuses everything but comparisons, arithmetic, and a
few functions. No record, method, subscript, comprehension or name beyond the listed
ones can be written, so nothing can be reached from inside it.
"""

import ast
from dataclasses import dataclass

FUNCTIONS = ("len", "min", "max", "abs", "round")
VALUES = ("now", "today", "True", "False", "None")
ROOT = "order"
MAX_LENGTH = 1000
_ARITHMETIC = (
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.Div,
    ast.FloorDiv,
    ast.Mod,
)
_ALLOWED = (
    ast.Expression,
    ast.BoolOp,
    ast.And,
    ast.Or,
    ast.UnaryOp,
    ast.Not,
    ast.USub,
    ast.BinOp,
    *_ARITHMETIC,
    ast.Compare,
    ast.Eq,
    ast.NotEq,
    ast.Lt,
    ast.LtE,
    ast.Gt,
    ast.GtE,
    ast.In,
    ast.NotIn,
    ast.Is,
    ast.IsNot,
    ast.IfExp,
    ast.Tuple,
    ast.List,
    ast.Set,
    ast.Constant,
    ast.Load,
)


def product(left, right):
    """``left * right`` of numbers: a text or list times a number fills the memory."""
    _check_number(left, "*")
    _check_number(right, "*")
    return left * right


def remainder(left, right):
    """``left % right`` of numbers: a text on the left is formatted, to any width."""
    _check_number(left, "%")
    return left % right


# What the source of an :class:`Expression` calls; its evaluation has to offer them.
OPERATIONS = {"product": product, "remainder": remainder}
_CHECKED = {ast.Mult: "product", ast.Mod: "remainder"}


def _check_number(value, sign):
    if not isinstance(value, int | float):
        raise ExpressionError("not_allowed", sign)


class ExpressionError(Exception):
    """What the text says that a condition may not; ``code`` and ``what`` say it."""

    def __init__(self, code: str, what: str = ""):
        super().__init__(code)
        self.code = code
        self.what = what


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition that may be evaluated.

    ``source`` is the text with each path replaced by one plain name, ``paths`` tells
    which: ``{"v0": ("partner_id", "name")}``. Evaluated with :data:`OPERATIONS`.
    """

    source: str
    paths: dict[str, tuple[str, ...]]


def read_expression(text: str) -> Expression:
    """Check a condition; raises :class:`ExpressionError`.

    >>> read_expression("order.priority == '3'").paths
    {'v0': ('priority',)}
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError("too_long")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError("no_expression", str(error)) from error
    reader = _Reader()
    tree = reader.visit(tree)
    paths = {name: path for path, name in reader.names.items()}
    return Expression(ast.unparse(tree), paths)


class _Reader(ast.NodeTransformer):
    def __init__(self):
        self.names: dict[tuple[str, ...], str] = {}

    def visit(self, node):
        if isinstance(node, ast.Attribute):
            return self._read_path(node)
        if isinstance(node, ast.Name):
            return self._read_name(node)
        if isinstance(node, ast.Call):
            return self._read_call(node)
        if not isinstance(node, _ALLOWED):
            raise ExpressionError("not_allowed", type(node).__name__)
        if isinstance(node, ast.BinOp) and type(node.op) in _CHECKED:
            return self._read_checked(node)
        return self.generic_visit(node)

    def _read_checked(self, node: ast.BinOp):
        """``*`` and ``%`` look at their sides: refused here where the text already
        says so, and by the function that takes their place where a value does."""
        is_product = isinstance(node.op, ast.Mult)
        for side in (node.left, node.right) if is_product else (node.left,):
            if isinstance(side, ast.List | ast.Tuple) or (
                isinstance(side, ast.Constant) and isinstance(side.value, str | bytes)
            ):
                raise ExpressionError("not_allowed", "*" if is_product else "%")
        sides = [self.visit(node.left), self.visit(node.right)]
        function = ast.Name(id=_CHECKED[type(node.op)], ctx=ast.Load())
        return ast.Call(func=function, args=sides, keywords=[])

    def _read_path(self, node: ast.Attribute):
        parts: list[str] = []
        current: ast.expr = node
        while isinstance(current, ast.Attribute):
            parts.append(current.attr)
            current = current.value
        if not isinstance(current, ast.Name) or current.id != ROOT:
            raise ExpressionError("not_allowed", ast.unparse(node))
        if any(part.startswith("_") for part in parts) or len(parts) > 4:
            raise ExpressionError("not_allowed", ast.unparse(node))
        path = tuple(reversed(parts))
        name = self.names.setdefault(path, f"v{len(self.names)}")
        return ast.copy_location(ast.Name(id=name, ctx=ast.Load()), node)

    def _read_name(self, node: ast.Name):
        if node.id not in VALUES:
            raise ExpressionError("unknown_name", node.id)
        return node

    def _read_call(self, node: ast.Call):
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            raise ExpressionError("not_allowed", ast.unparse(node.func))
        if node.keywords:
            raise ExpressionError("not_allowed", "=")
        node.args = [self.visit(arg) for arg in node.args]
        return node
