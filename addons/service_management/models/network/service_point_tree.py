from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain


class ServicePoint(models.Model):
    """The network as a tree, with what is below each node summed up."""

    _inherit = "service.point"

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
