from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.photo_print import BITS, get_prints

# Photos of a claim beyond these are not looked at
MAX_PHOTOS = 60
# Photos that are read and kept at a time
CHUNK = 50


class ServicePhotoPrint(models.Model):
    """Fingerprints of the photos of visits and claims, to find the same one again.

    See ``engine/photo_print``: each photo has a few prints, each print 256 bits, whose
    rows are indexed. A photo that cannot be read has a print without bits, so that it
    is read once.
    """

    _name = "service.photo.print"
    _description = "Print of a Photo"
    _order = "attachment_id, id"

    attachment_id = fields.Many2one(
        "ir.attachment", required=True, readonly=True, index=True, ondelete="cascade"
    )
    order_id = fields.Many2one(
        "service.order", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)

    def init(self):
        """Two columns that the ORM has no types for, and the index of the rows."""
        self.env.cr.execute(
            SQL(
                """
                ALTER TABLE service_photo_print
                  ADD COLUMN IF NOT EXISTS bits bit(%(bits)s),
                  ADD COLUMN IF NOT EXISTS bands integer[]
                """,
                bits=SQL(str(BITS)),
            )
        )
        self.env.cr.execute(
            "CREATE INDEX IF NOT EXISTS service_photo_print_bands_idx "
            "ON service_photo_print USING gin (bands) WHERE bits IS NOT NULL"
        )

    @api.model
    def _print_photos_of(self, claims):
        """Keep the prints of the photos of these claims that have none yet."""
        rows = self._find_unprinted(claims)
        # sudo: ir.attachment: pictures are compared, nobody gets to see them by this
        attachments_sudo = self.env["ir.attachment"].sudo()
        for start in range(0, len(rows), CHUNK):
            values = []
            chunk = rows[start : start + CHUNK]
            attachments_sudo.browse(row[0] for row in chunk).fetch(["store_fname"])
            for row in chunk:
                content = self._read_photo(attachments_sudo.browse(row[0]))
                values += [(*row, one) for one in get_prints(content) or [None]]
            attachments_sudo.invalidate_model(["db_datas"], flush=False)
            self._insert(values)

    @api.model
    def _read_photo(self, attachment) -> bytes:
        """One at a time, so that not all of them are in memory."""
        if attachment.store_fname:
            return attachment._file_read(attachment.store_fname)
        return attachment.db_datas or b""

    @api.model
    def _find_unprinted(self, claims) -> list[tuple]:
        """``(attachment, order, company)`` of what was never looked at."""
        self.env["ir.attachment"].flush_model()
        self.env["service.visit"].flush_model(["order_id"])
        return self.env.execute_query(
            SQL(
                """
                SELECT id, order_id, company_id FROM (
                    SELECT a.id, o.order_id, o.company_id,
                           row_number() OVER (PARTITION BY o.order_id ORDER BY a.id)
                               AS number
                      FROM (
                        SELECT 'service.visit' AS model, visit.id, visit.order_id,
                               claim.company_id
                          FROM service_claim claim
                          JOIN service_visit visit ON visit.order_id = claim.order_id
                         WHERE claim.id = ANY(%(ids)s)
                        UNION ALL
                        SELECT 'service.claim', claim.id, claim.order_id,
                               claim.company_id
                          FROM service_claim claim
                         WHERE claim.id = ANY(%(ids)s)
                      ) AS o
                      JOIN ir_attachment a
                        ON a.res_model = o.model AND a.res_id = o.id
                       AND a.res_field IS NULL AND a.type = 'binary'
                       AND starts_with(a.mimetype, 'image/')
                ) AS photo
                 WHERE number <= %(most)s AND NOT EXISTS (
                    SELECT FROM service_photo_print p WHERE p.attachment_id = photo.id)
                """,
                ids=claims.ids,
                most=MAX_PHOTOS,
            )
        )

    @api.model
    def _insert(self, values):
        """In SQL: the columns are none that the ORM could write."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO service_photo_print
                       (attachment_id, order_id, company_id, bits, bands, create_uid,
                        create_date, write_uid, write_date)
                SELECT v.*, %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s,
                       now() AT TIME ZONE 'UTC'
                  FROM (VALUES %(rows)s) AS v
                """,
                uid=self.env.uid,
                rows=SQL(", ").join(
                    SQL(
                        "(%s, %s, %s, %s::bit(256), %s::integer[])",
                        attachment_id,
                        order_id,
                        company_id,
                        one.bits if one else None,
                        list(one.bands) if one else None,
                    )
                    for attachment_id, order_id, company_id, one in values
                ),
            )
        )
        self.invalidate_model()
