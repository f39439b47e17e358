import base64
from collections import defaultdict
from typing import Any, NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.service_management.engine.picture import PictureError, to_drawing

MAX_PICTURE_MB = 15


class Subject(NamedTuple):
    """What parts pictures are looked for; each may be empty."""

    template: Any  # product.template
    category: Any  # product.category, where the product is not known
    company: Any  # res.company; empty: any that the user may see


class ServicePartDiagram(models.Model):
    """A picture of a product on which numbered markers say which part is where.

    It belongs to products, to product categories with all that is below them, or both.
    """

    _name = "service.part.diagram"
    _description = "Parts Picture"
    _order = "sequence, name, id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    name = fields.Char(required=True, translate=True)
    image = fields.Image(
        string="Picture",
        required=True,
        max_width=2400,
        max_height=2400,
        help="A drawing or photo as PNG, JPEG, WebP or GIF file; it is kept in at most "
        "2,400 pixels a side.",
    )
    image_256 = fields.Image(
        string="Small Picture",
        related="image",
        max_width=256,
        max_height=256,
        store=True,
    )
    product_tmpl_ids = fields.Many2many(
        "product.template",
        relation="service_part_diagram_product_rel",
        column1="diagram_id",
        column2="product_tmpl_id",
        string="Products",
        check_company=True,
        domain="[('type', '=', 'consu')]",
    )
    category_ids = fields.Many2many(
        "product.category",
        relation="service_part_diagram_category_rel",
        column1="diagram_id",
        column2="category_id",
        string="Product Categories",
        help="All products of these categories and of those below them.",
    )
    for_customers = fields.Boolean(
        string="Customers See It",
        default=True,
        help="Customers see the picture on the page of a product that they own.",
    )
    company_id = fields.Many2one("res.company", index="btree_not_null")
    hotspot_ids = fields.One2many(
        "service.part.hotspot", "diagram_id", string="Markers", copy=True
    )
    hotspot_count = fields.Integer(
        string="Marker Count", compute="_compute_hotspot_count"
    )
    missing_bom_count = fields.Integer(
        string="Missing in Spare-Part Lists",
        compute="_compute_missing_bom_count",
        help="Parts of the picture that the spare-part lists of its products lack.",
    )

    @api.depends("hotspot_ids")
    def _compute_hotspot_count(self):
        counts = dict(
            self.env["service.part.hotspot"]._read_group(
                [("diagram_id", "in", self.ids)], ["diagram_id"], ["__count"]
            )
        )
        for diagram in self:
            diagram.hotspot_count = counts.get(diagram._origin, 0)

    @api.depends("hotspot_ids.part_id", "product_tmpl_ids.service_bom_ids.part_id")
    def _compute_missing_bom_count(self):
        for diagram in self:
            diagram.missing_bom_count = len(diagram._get_missing_bom())

    # The picture is written anew

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._clean_image(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._clean_image(vals))

    @api.model
    def _clean_image(self, vals) -> dict:
        """``vals`` with a picture of which nothing but the pixels was kept."""
        if not vals.get("image"):
            return vals
        if len(vals["image"]) > MAX_PICTURE_MB * 2**20 * 4 // 3:
            raise UserError(
                self.env._(
                    "The picture is larger than %(size)s MB: choose a smaller one.",
                    size=MAX_PICTURE_MB,
                )
            )
        try:
            content = to_drawing(base64.b64decode(vals["image"], validate=True))
        except (PictureError, ValueError):
            raise UserError(
                self.env._(
                    "This is not a picture we can read: choose a PNG, JPEG, WebP or "
                    "GIF file."
                )
            ) from None
        return {**vals, "image": base64.b64encode(content)}

    # Which pictures show a product

    @api.model
    def _find_for(self, subjects) -> list:
        """The pictures of each of the subjects, in a constant number of queries.

        Those of the product itself come first, then those of its categories.
        """
        templates = self.env["product.template"].union(
            *(subject.template for subject in subjects)
        )
        paths = [_get_category_path(subject) for subject in subjects]
        diagrams = self.search(
            Domain("product_tmpl_ids", "in", templates.ids)
            | Domain("category_ids", "in", list(set().union(*paths)))
        )
        by_template, by_category = defaultdict(list), defaultdict(list)
        # sudo: service.part.diagram: which products it was found by
        for diagram, diagram_sudo in zip(diagrams, diagrams.sudo(), strict=True):
            for template in diagram_sudo.product_tmpl_ids:
                by_template[template.id].append(diagram)
            for category in diagram_sudo.category_ids:
                by_category[category.id].append(diagram)
        result = []
        for subject, path in zip(subjects, paths, strict=True):
            found = self.union(
                *by_template[subject.template.id],
                *(diagram for category in path for diagram in by_category[category]),
            )
            if subject.company:
                found = found.filtered(
                    lambda diagram, company=subject.company: (
                        diagram.sudo().company_id in (company, company.browse())
                    )
                )
            result.append(found)
        return result

    def _get_missing_bom(self) -> list[tuple]:
        """(product template, marker) of parts that the spare-part list lacks."""
        self.ensure_one()
        missing = []
        for template in self.product_tmpl_ids:
            known = template.service_bom_ids.part_id
            for hotspot in self.hotspot_ids:
                if hotspot.part_id and hotspot.part_id not in known:
                    missing.append((template, hotspot))
                    known |= hotspot.part_id
        return missing

    def action_complete_bom(self):
        """Name the parts of the picture in the spare-part lists of its products."""
        self.check_access("write")
        for diagram in self:
            self.env["service.part.bom"].create(
                [
                    {
                        "product_tmpl_id": template.id,
                        "part_id": hotspot.part_id.id,
                        "position": str(hotspot.number),
                        "quantity": hotspot.quantity,
                    }
                    for template, hotspot in diagram._get_missing_bom()
                ]
            )
        return True

    # What is shown

    def _prepare_pictures(self, get_url) -> list[dict]:
        """The pictures with their markers, for the component that shows them.

        :param get_url: function that gives the address of a picture
        :return: ``[{id, name, image, parts: [{id, number, x, y, part_id, name, code,
            quantity, uom, successor}]}]``
        """
        return [
            {
                "id": diagram.id,
                "name": diagram.name,
                "image": get_url(diagram),
                "parts": [hotspot._prepare_part() for hotspot in diagram.hotspot_ids],
            }
            for diagram in self
        ]

    def _get_image_url(self) -> str:
        self.ensure_one()
        stamp = int(self.write_date.timestamp())
        return f"/web/image/{self._name}/{self.id}/image?unique={stamp}"


def _get_category_path(subject) -> list[int]:
    """The category of a product and those above it, the nearest first."""
    category = subject.template.categ_id or subject.category
    return [
        int(part) for part in reversed((category.parent_path or "").split("/")) if part
    ]
