from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.service_management.models.base.turns import take_turn


class ServicePoint(models.Model):
    """The network as a tree, with what is below each node summed up."""

    _inherit = "service.point"

    def write(self, vals):
        if "parent_id" in vals:
            # Two moves that are no cycle can be one together, and neither would see
            # the other: who moves something within the same trees takes turns.
            take_turn(self._get_roots(self.browse(vals["parent_id"] or ())))
        return super().write(vals)

    def _get_roots(self, parent):
        """The tops of the trees that the points and their new parent are in."""
        # sudo: service.point: ids only, of points that the user may not see
        paths = (self | parent.exists()).sudo().mapped("parent_path")
        return self.browse({int(path.split("/")[0]) for path in paths if path})

    def move_below(self, parent_id, shown_parent_id=False):
        """Hang the point, with all that is below it, below another one.

        :param parent_id: the new parent, ``False`` for the top of the network
        :param shown_parent_id: where the user saw it: refused when it is there no
            longer
        :raise AccessError: who may not change the point, or not see the parent
        """
        self.ensure_one()
        self.check_access("write")
        parent = self.browse(parent_id or ())
        parent.check_access("read")
        if self.parent_id.id != shown_parent_id:
            raise UserError(
                self.env._(
                    "Somebody has moved %(point)s meanwhile: it belongs to %(parent)s.",
                    point=self.display_name,
                    parent=self.parent_id.display_name or self.env._("nobody"),
                )
            )
        if parent and parent.parent_path.startswith(self.parent_path):
            raise UserError(
                self.env._(
                    "%(point)s cannot belong to %(parent)s: that is the point itself, "
                    "or one below it.",
                    point=self.display_name,
                    parent=parent.display_name,
                )
            )
        self.parent_id = parent
        return True

    @api.model
    @api.readonly
    def get_tree(self) -> list[dict]:
        """The points that the user may see, parents before their children.

        The number of queries depends on neither how many points there are nor how deep
        they lie. A point whose parent may not be seen is a root.

        :return: ``{"id", "parent_id", "depth", "name", "code", "kind", "state",
            "grade"}`` and for each measure of ``_get_tree_counts`` the sum of the point
            and all below it; ``"points"`` counts those below
        """
        points = self.search_fetch(
            Domain.TRUE,
            ["name", "code", "kind", "state", "grade", "parent_id", "parent_path"],
        )
        sums = {
            "points": dict.fromkeys(points.ids, 0),
            **{
                name: {point.id: counts.get(point.id, 0) for point in points}
                for name, counts in points._get_tree_counts().items()
            },
        }
        children = defaultdict(list)
        for point in points:
            parent = point.parent_id if point.parent_id in points else points.browse()
            children[parent.id].append(point)
        ordered = []
        waiting = [(point, 0) for point in reversed(children[False])]
        while waiting:
            point, depth = waiting.pop()
            ordered.append((point, depth))
            waiting += [(child, depth + 1) for child in reversed(children[point.id])]
        for point, depth in reversed(ordered):
            if depth:
                for name, values in sums.items():
                    values[point.parent_id.id] += values[point.id] + (name == "points")
        return [
            {
                "id": point.id,
                "parent_id": depth and point.parent_id.id,
                "depth": depth,
                "name": point.name,
                "code": point.code,
                "kind": point.kind,
                "state": point.state,
                "grade": point.grade,
                **{name: values[point.id] for name, values in sums.items()},
            }
            for point, depth in ordered
        ]

    def _get_tree_counts(self) -> dict:
        """Hook: ``{measure: {point id: its own number}}``, a query for each."""
        groups = self.env["service.technician"]._read_group(
            [("point_id", "in", self.ids)], ["point_id"], ["__count"]
        )
        return {"technicians": {point.id: count for point, count in groups}}
