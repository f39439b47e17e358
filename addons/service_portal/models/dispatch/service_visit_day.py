import hashlib
import hmac
import json
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.service_management.engine import local_time
from odoo.addons.service_management.models.dispatch.service_visit import OPEN_STATES
from odoo.addons.service_management.models.dispatch.service_visit_result import (
    RESULT_CODES,
)

DAYS_AHEAD = 8
MAX_VISITS = 200
HISTORY = 3
NOTES = 5


class ServiceVisit(models.Model):
    """A technician's days as plain data for a device that keeps them.

    What the device has is told by a digest of each visit's data, so a change of
    anything that is shown (the order, the site, the checklist, parts) is sent again,
    in whatever transaction it happened and however long that took; no clock and no
    counter has to be right. See docs/decisions/0015-technicians-offline.md.

    Everything here expects sudo; which visits are the user's is the domain itself.
    """

    _inherit = "service.visit"

    @api.model
    def _pull_day(self, known, known_lists="") -> dict:
        """What a device of the user has to change.

        :param dict known: visit id → digest, of all visits that the device keeps
        :param str known_lists: digest of the lists of choices that it keeps
        :return: ``{visits, removed, lists}``: data of new and changed visits, ``{id,
            reason}`` of visits that are the user's no more, lists if they changed
        """
        # sudo: service.visit: the crew's own visits are the domain itself
        visits = self.sudo().search(
            self._get_day_domain(), order="planned_start, id", limit=MAX_VISITS
        )
        known = known if isinstance(known, dict) else {}
        rows = visits._get_day_values()
        lists = visits._get_day_lists()
        lists["digest"] = _digest(lists)
        return {
            "visits": [
                row for row in rows if known.get(str(row["id"])) != row["digest"]
            ],
            "removed": visits._get_removed(known),
            "lists": lists if lists["digest"] != known_lists else False,
        }

    @api.model
    def _get_day_domain(self) -> Domain:
        """From today for a week, and what was not finished before."""
        start = self._get_day_start()
        return (
            Domain(self._get_crew_domain())
            & Domain("planned_start", "<", start + timedelta(days=DAYS_AHEAD))
            & (
                (
                    Domain("planned_start", ">=", start)
                    & Domain("state", "!=", "cancelled")
                )
                | (
                    Domain("planned_start", ">=", start - timedelta(days=30))
                    & Domain("state", "in", OPEN_STATES)
                )
            )
        )

    @api.model
    def _get_day_start(self) -> datetime:
        """Midnight where the user is, in UTC."""
        zone = self.env.user.tz or "UTC"
        return local_time.start_of(local_time.day_of(fields.Datetime.now(), zone), zone)

    # The visits

    def _get_day_values(self) -> list[dict]:
        """One dictionary per visit; constant queries."""
        states = dict(self._fields["state"]._description_selection(self.env))
        checklists = self._get_checklist_data()
        histories, notes = self._get_asset_histories(), self._get_customer_notes()
        needs = self._get_needed_parts()
        rows = []
        for visit in self:
            order = visit.order_id
            contact = order._get_job_contact()
            row = {
                "id": visit.id,
                "name": order.name,
                "state": visit.state,
                "state_label": states[visit.state],
                "start": _iso(visit.planned_start),
                "end": _iso(visit.planned_end),
                "slot": [_iso(visit.slot_start), _iso(visit.slot_end)],
                "travel": visit.travel_minutes,
                "priority": order.priority,
                "due": _iso(order.date_due),
                "customer": order.partner_id.name,
                "contact": contact.name,
                "phone": order.phone or contact.phone or "",
                "address": order.site_id._display_address(without_company=True).strip(),
                "position": order._get_position(),
                "order": {
                    name: _plain(value)
                    for name, value in order._get_job_details().items()
                },
                "asset": order.asset_id._get_site_facts() if order.asset_id else False,
                "history": histories.get(order.asset_id.id, []),
                "notes": notes.get(order.id, []),
                "needs": needs.get(order.id, []),
                "parts": visit.part_lines or [],
                "stock": visit._get_stock_key(),
                "codes": order.category_id.id or 0,
                "checklist": checklists[visit],
                "result": visit._get_result_values(),
                "signed": bool(visit.signature),
                "confirmed": bool(visit.confirmed_at),
            }
            row["digest"] = f"{visit._get_proof()}.{_digest(row)}"
            rows.append(row)
        return rows

    def _get_asset_histories(self) -> dict:
        """The last finished orders by asset id."""
        assets = self.order_id.asset_id
        orders = self.env["service.order"].search(
            [
                ("asset_id", "in", assets.ids),
                ("state", "in", ("done", "closed")),
                ("id", "not in", self.order_id.ids),
            ],
            order="date_done desc, id desc",
            limit=HISTORY * max(len(assets), 1) * 4,
        )
        outcomes = dict(orders._fields["outcome"]._description_selection(self.env))
        histories = {}
        for order in orders:
            entries = histories.setdefault(order.asset_id.id, [])
            if len(entries) < HISTORY:
                entries.append(
                    {
                        "date": _iso(order.date_done),
                        "name": order.name,
                        "type": order.type_id.name,
                        "outcome": outcomes.get(order.outcome, ""),
                        "note": order.outcome_note or "",
                    }
                )
        return histories

    def _get_customer_notes(self) -> dict:
        """What the customers wrote, the newest last, by order id; staff's notes stay
        with staff."""
        comment = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment")
        messages = self.env["mail.message"].search(
            [
                ("model", "=", "service.order"),
                ("res_id", "in", self.order_id.ids),
                ("message_type", "in", ("comment", "email")),
                ("subtype_id", "=", comment),
                ("is_internal", "=", False),
            ],
            order="id desc",
            limit=NOTES * max(len(self), 1) * 4,
        )
        customers = {order.id: order.commercial_partner_id for order in self.order_id}
        notes = {}
        for message in messages:
            entries = notes.setdefault(message.res_id, [])
            author = message.author_id.commercial_partner_id
            if author == customers[message.res_id] and len(entries) < NOTES:
                text = message.preview or ""
                entries.insert(0, {"date": _iso(message.date), "text": text})
        return notes

    def _get_needed_parts(self) -> dict:
        needs = self.env["service.part.need"].search(
            [("order_id", "in", self.order_id.ids)]
        )
        result = {}
        for need in needs:
            result.setdefault(need.order_id.id, []).append(
                {
                    "product_id": need.product_id.id,
                    "name": need.product_id.display_name,
                    "quantity": need.quantity,
                }
            )
        return result

    # What there is to choose from, once for all visits

    def _get_day_lists(self) -> dict:
        held = self._get_held_parts()
        return {
            "outcomes": self._fields["outcome"]._description_selection(self.env),
            "codes": self._get_code_lists(),
            "stock": {visit._get_stock_key(): parts for visit, parts in held.items()},
            "standbys": self._get_day_standbys(),
        }

    def _get_day_standbys(self) -> list[dict]:
        """When the user stands by, and where; on call has no place."""
        start = self._get_day_start()
        standbys = self.env["service.standby"].search(
            Domain("technician_id.user_id", "=", self.env.uid)
            & Domain("end", ">", fields.Datetime.now())
            & Domain("start", "<", start + timedelta(days=DAYS_AHEAD)),
            order="start, id",
        )
        return [
            {
                "id": standby.id,
                "start": _iso(standby.start),
                "end": _iso(standby.end),
                "place": standby.place_id.name or "",
                "address": standby.place_id.partner_id._display_address(
                    without_company=True
                ).strip()
                if standby.place_id
                else "",
            }
            for standby in standbys
        ]

    def _get_stock_key(self) -> str:
        return "-".join(str(location.id) for location in self._get_part_places())

    def _get_code_lists(self) -> dict:
        """Category id → field → ``[[id, name]]``, from one look at the library."""
        codes = self.env["service.fault.code"].search(
            [("kind", "in", list(RESULT_CODES.values()))]
        )
        names = {kind: name for name, kind in RESULT_CODES.items()}
        categories = self.order_id.category_id
        lists = {}
        for category in [*categories, categories.browse()]:
            path = {
                int(part) for part in (category.parent_path or "").split("/") if part
            }
            by_field = lists[str(category.id or 0)] = {
                name: [] for name in RESULT_CODES
            }
            for code in codes:
                if not code.category_ids or path & set(code.category_ids.ids):
                    by_field[names[code.kind]].append([code.id, code.display_name])
        return lists

    # What is taken away

    def _get_removed(self, known) -> list[dict]:
        """Visits that the device keeps and that are the user's no more, each with why.

        Only those count that the server itself gave to this user once: the digest
        carries a proof, so nobody learns about visits by asking for numbers.
        """
        asked = {}
        for visit_id, digest in known.items():
            if str(visit_id).isascii() and str(visit_id).isdigit():
                asked[int(visit_id)] = str(digest).partition(".")[0]
        model = self.browse()
        gone = [
            visit_id
            for visit_id, proof in asked.items()
            if visit_id not in self.ids
            and hmac.compare_digest(
                proof.encode(errors="replace"),
                model.browse(visit_id)._get_proof().encode(),
            )
        ]
        left = {visit.id: visit for visit in model.browse(gone).exists()}
        own = set(model.search([("id", "in", gone), *self._get_crew_domain()]).ids)
        removed = []
        for visit_id in gone:
            visit = left.get(visit_id)
            if not visit:
                reason = "deleted"
            elif visit_id not in own:
                reason = "reassigned"
            else:
                reason = "cancelled" if visit.state == "cancelled" else "past"
            removed.append({"id": visit_id, "reason": reason})
        return removed

    def _get_proof(self) -> str:
        """What shows that the user was given this visit once."""
        # sudo: ir.config_parameter: a secret of the database, never shown
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret")
        text = f"service.visit.day-{self.env.uid}-{self.id}"
        return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:16]

    def _keep_photo(self, name, content):
        """As the report of the service point does: on the order, for all to see."""
        self.order_id._post_from_portal(
            self.env._("Photos of the visit"), [(name, content)], subscribe=False
        )


def _digest(data) -> str:
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _iso(moment):
    return f"{moment.isoformat()}Z" if moment else False


def _plain(value):
    if isinstance(value, datetime):
        return _iso(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
