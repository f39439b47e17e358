from odoo import api, fields, models

from .service_part_diagram import Subject


class ServicePartDiagramMixin(models.AbstractModel):
    """Shows the parts pictures of the product that a record is about.

    A consumer says what it is about by ``_get_diagram_subject()`` and gains
    ``has_part_diagram``, ``action_view_part_diagrams()`` and, for the browser,
    ``get_part_diagrams()``. It may say what it knows of parts by ``_get_part_facts()``
    and what choosing one does by ``_get_part_choice()``.
    """

    _name = "service.part.diagram.mixin"
    _description = "Shows Parts Pictures"

    has_part_diagram = fields.Boolean(
        string="Has a Parts Picture", compute="_compute_has_part_diagram"
    )

    def _compute_has_part_diagram(self):
        if not self.env["service.part.diagram"].has_access("read"):
            self.has_part_diagram = False
            return
        found = self._find_part_diagrams()
        for record in self:
            record.has_part_diagram = bool(found[record])

    def action_view_part_diagrams(self):
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "service_part_diagram",
            "name": self.env._("Parts Picture"),
            "params": {"model": self._name, "id": self.id},
        }

    @api.readonly
    def get_part_diagrams(self):
        """All that the browser shows: ``{name, pictures, choice, can_edit}``.

        ``pictures`` as in ``service.part.diagram._prepare_pictures()``, each part with
        what ``_get_part_facts()`` says of it. The number of queries does not grow.
        """
        self.ensure_one()
        self.check_access("read")
        diagrams = self._find_part_diagrams()[self]
        pictures = diagrams._prepare_pictures(lambda diagram: diagram._get_image_url())
        facts = self._get_part_facts(diagrams.hotspot_ids.part_id)
        for picture in pictures:
            for part in picture["parts"]:
                part.update(facts.get(part["part_id"], {}))
        return {
            "name": self._get_diagram_title(),
            "pictures": pictures,
            "choice": self._get_part_choice(),
            "can_edit": diagrams.has_access("write"),
        }

    def _get_diagram_title(self) -> str:
        """The record and its product, which the name may tell already."""
        name = self.display_name
        product = self._get_diagram_subject().template.name or ""
        return name if product in name else f"{name} · {product}"

    def _find_part_diagrams(self) -> dict:
        subjects = [record._get_diagram_subject() for record in self]
        found = self.env["service.part.diagram"]._find_for(subjects)
        return dict(zip(self, found, strict=True))

    def _get_diagram_subject(self) -> Subject:
        """What the record is about."""
        raise NotImplementedError

    def _get_part_facts(self, parts) -> dict:
        """What is known of parts here: ``{part id: {available, coverage, chosen}}``."""
        return {}

    def _get_part_choice(self) -> str:
        """What choosing a part does: nothing, or ``expect`` or ``use`` it."""
        return ""
