from odoo import SUPERUSER_ID, api
from odoo.tools.sql import column_exists


def migrate(cr, version):
    _digest_calendar_links(cr)
    _hang_photos_on_answers(cr)
    _part_technicians_from_points(api.Environment(cr, SUPERUSER_ID, {}))


def _digest_calendar_links(cr):
    """Links in use go on; their secrets are not kept."""
    if not column_exists(cr, "service_technician", "calendar_token"):
        return
    cr.execute(
        """
        UPDATE service_technician
           SET calendar_digest = encode(sha256(calendar_token::bytea), 'hex'),
               calendar_holder = concat(point_id, '-', COALESCE(user_id, 0))
         WHERE calendar_token IS NOT NULL
           AND active
        """
    )
    cr.execute("UPDATE service_technician SET calendar_token = NULL")


def _hang_photos_on_answers(cr):
    """Photos hung on the visit, where whoever may change it could change them."""
    cr.execute(
        """
        UPDATE ir_attachment photo
           SET res_model = 'service.visit.answer',
               res_id = rel.service_visit_answer_id
          FROM ir_attachment_service_visit_answer_rel rel
         WHERE rel.ir_attachment_id = photo.id
           AND photo.res_model = 'service.visit'
        """
    )


def _part_technicians_from_points(env):
    """Technicians were invited as contacts of their point's company: its invoices and
    orders are not theirs. Who is a user of the point, too, stays."""
    technicians = env["service.technician"].with_context(active_test=False)
    for technician in technicians.search([("user_id.share", "=", True)]):
        point, user = technician.point_id, technician.user_id
        if (
            user.partner_id.parent_id
            and user.partner_id.parent_id == point.partner_id
            and user not in point.user_ids
        ):
            user.partner_id.parent_id = False
