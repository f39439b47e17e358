import unittest

from odoo.addons.service_management.engine.expression import (
    OPERATIONS,
    ExpressionError,
    read_expression,
)


def evaluate(text, **values):
    expression = read_expression(text)
    names = {name: values[path[0]] for name, path in expression.paths.items()}
    scope = {"__builtins__": {}, "min": min, "max": max, **OPERATIONS, **names}
    # What was read is evaluated without Odoo here: its safe_eval is out of reach
    return eval(expression.source, scope)  # pylint: disable=eval-used


class TestExpression(unittest.TestCase):
    def test_what_may_fill_the_memory_cannot_be_written(self):
        for text in (
            "'a' * 10 ** 9",
            "2 ** 99",
            "'a' * 9",
            "9 * b'a'",
            "[1] * 9",
            "'%9d' % 1",
            "b'%9d' % 1",
            "product(1, 2)",
            "1 << 9",
        ):
            with self.subTest(text=text), self.assertRaises(ExpressionError):
                read_expression(text)

    def test_what_turns_out_to_be_text_is_refused_when_evaluated(self):
        for text in (
            "order.name * 9",
            "9 * order.name",
            "('a' + 'b') * 9",
            "min('a', 'b') * 9",
            "([1] + [2]) * 9",
            "('a' if 1 else 'b') * 9",
            "(order.name + '%9d') % 1",
            "max('%9d', '') % 1",
            "order.ids * 9",
        ):
            with self.subTest(text=text), self.assertRaises(ExpressionError):
                evaluate(text, name="x", ids=(1, 2))

    def test_arithmetic_of_numbers_stays(self):
        self.assertEqual(evaluate("order.amount * 2 + 7 % 4", amount=3), 9)
        self.assertEqual(evaluate("-order.amount * 1.5 % 2 * 3", amount=1), 1.5)
