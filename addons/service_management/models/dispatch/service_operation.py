import logging
import re
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.tools import SQL

from odoo.addons.service_management.engine import checklist as engine
from odoo.addons.service_management.models.base.turns import take_turn

from .service_visit import OPEN_STATES
from .service_visit_result import as_plain
from .service_visit_step import read_moment

_logger = logging.getLogger(__name__)

KEY = re.compile(r"[0-9a-fA-F-]{16,40}")
MAX_OPERATIONS = 100
MAX_PHOTOS = 60  # of one visit
KEPT_DAYS = 180
STATES = [
    ("applied", "Applied"),
    ("conflict", "Conflict"),
    ("refused", "Refused"),
    ("gone", "Visit Taken Away"),
]


class ServiceOperation(models.Model):
    """What a technician's device did, perhaps without a network: each applied once.

    A device numbers its operations itself and sends them in their order until it
    knows how each ended. How that is answered, for each on its own:

    1. An operation that was taken before gets the answer that it got then.
    2. One for a visit that is not the user's (any more) is ``gone``.
    3. A value that somebody else changed since the device read it is not
       overwritten: ``conflict``, with both values.
    4. What the rules of the visit refuse is ``refused``, with the sentence.
    5. What fails for a reason of our own is not kept (``error``), and later ones for
       the same visit wait (``held``): the device sends them again.

    Two requests with the same operation decide in the database: the second waits for
    the unique index, fails to serialise and runs again, finding the first's answer.
    """

    _name = "service.operation"
    _description = "Field Operation"
    _order = "id desc"
    _rec_name = "key"

    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="cascade"
    )
    key = fields.Char(required=True, readonly=True, help="Given by the device.")
    kind = fields.Char(required=True, readonly=True)
    visit_id = fields.Many2one(
        "service.visit", readonly=True, index="btree_not_null", ondelete="set null"
    )
    company_id = fields.Many2one(related="visit_id.company_id", store=True)
    date = fields.Datetime(readonly=True, help="On the device.")
    create_date = fields.Datetime(string="Received On", readonly=True)
    state = fields.Selection(STATES, readonly=True, index=True)
    message = fields.Char(readonly=True)
    result = fields.Json(readonly=True)

    _key_uniq = models.UniqueIndex("(user_id, key)", "This operation was taken before.")

    # Taking them

    @api.model
    def _take(self, operations, content=None) -> list[dict]:
        """Apply what a device of the user sends; one answer for each, in the order.

        :param list operations: dictionaries ``{id, kind, visit_id, date, values}``
        :param bytes content: the file of the only operation
        :return: ``{id, state, message, ...}``
        """
        answers, held = [], set()
        # What is beyond the limit is not even looked at: the device sends it again
        operations = operations[:MAX_OPERATIONS]
        visits = self._find_visits(
            operation.get("visit_id")
            for operation in operations
            if isinstance(operation, dict)
        )
        for operation in operations:
            answers.append(self._take_one(operation, visits, held, content))
        return answers

    @api.model
    def _find_visits(self, ids):
        """Those of the visits whose crew the user belongs to, by id."""
        ids = [i for i in ids if _is_id(i)]
        # sudo: service.visit: that the user is of the crew is the condition itself
        visits = (
            self.env["service.visit"]
            .sudo()
            .search([("id", "in", ids)] + self.env["service.visit"]._get_crew_domain())
        )
        return {visit.id: visit for visit in visits}

    def _take_one(self, operation, visits, held, content):
        key = operation.get("id") if isinstance(operation, dict) else None
        if not isinstance(key, str) or not KEY.fullmatch(key):
            return {"id": False, "state": "refused", "message": self._get_unreadable()}
        visit_id = operation.get("visit_id")
        if not _is_id(visit_id):
            visit_id = None
        if visit_id in held:
            return {"id": key, "state": "held"}
        try:
            with self.env.cr.savepoint():
                return self._claim_and_apply(operation, visits.get(visit_id), content)
        except LockError:
            # somebody works on it at this very moment
            self.env.invalidate_all(flush=False)
        except psycopg2.OperationalError:
            # a lost race: the whole request runs again
            raise
        except Exception:
            self.env.invalidate_all(flush=False)
            _logger.exception("Operation %s of user %s failed", key, self.env.uid)
        held.add(visit_id)
        return {"id": key, "state": "error", "message": self.env._("Try again later.")}

    def _claim_and_apply(self, operation, visit, content):
        record = self._claim(operation, visit)
        if record.state:
            return record._get_answer()
        kind = operation.get("kind")
        values = operation.get("values")
        if not visit:
            record._end("gone", self.env._("This visit is not yours (any more)."))
        elif (
            not isinstance(kind, str)
            or kind not in self._get_kinds()
            or not _is_readable(values)
        ):
            record._end("refused", self._get_unreadable())
        else:
            record._try(visit, kind, values, content)
        return record._get_answer()

    def _claim(self, operation, visit):
        """The row of the operation: a new one, or the one that was taken before."""
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO service_operation
                    (user_id, key, kind, visit_id, company_id, date, create_uid,
                     create_date, write_uid, write_date)
                VALUES (%(uid)s, %(key)s, %(kind)s, %(visit)s, %(company)s, %(date)s,
                        %(uid)s, %(now)s, %(uid)s, %(now)s)
                ON CONFLICT (user_id, key) DO NOTHING
                RETURNING id
                """,
                uid=self.env.uid,
                key=operation["id"].lower(),
                kind=str(operation.get("kind"))[:40],
                visit=visit.id if visit else None,
                company=visit.company_id.id if visit else None,
                date=read_moment(operation.get("date")) or None,
                now=fields.Datetime.now(),
            )
        )
        # sudo: service.operation: rows of the user's own, written by nobody
        own = self.sudo()
        if rows:
            return own.browse(rows[0][0])
        return own.search(
            [("user_id", "=", self.env.uid), ("key", "=", operation["id"].lower())]
        )

    def _try(self, visit, kind, values, content):
        """Apply it; what the rules refuse is a sentence and changes nothing."""
        report = {
            **(
                values.get("position")
                if isinstance(values.get("position"), dict)
                else {}
            ),
            "date": self.date,
        }
        try:
            with self.env.cr.savepoint():
                result = getattr(self, f"_apply_{kind}")(visit, values, report, content)
        except LockError:
            raise
        except (UserError, AccessError) as error:
            self.env.invalidate_all(flush=False)
            self._end("refused", str(error.args[0]))
        else:
            result = result if isinstance(result, dict) else {}
            if refused := result.pop("refused", ""):
                self._end("refused", refused)
                return
            self._end("conflict" if result.get("conflicts") else "applied", "", result)

    def _end(self, state, message, result=None):
        self.write({"state": state, "message": message, "result": result or {}})

    def _get_answer(self) -> dict:
        return {
            **(self.result or {}),
            "id": self.key,
            "state": self.state,
            "message": self.message or "",
        }

    def _get_unreadable(self) -> str:
        return self.env._("This entry cannot be read. Please update the page.")

    # What there is to do; each method ends the operation it is named after

    def _get_kinds(self) -> tuple[str, ...]:
        """The operations a device may send."""
        return (
            "en_route",
            "on_site",
            "done",
            "set",
            "answer",
            "answer_signature",
            "sign",
            "confirm",
            "photo",
        )

    def _apply_en_route(self, visit, values, report, content):
        visit.action_en_route(report)

    def _apply_on_site(self, visit, values, report, content):
        visit.action_on_site(report)

    def _apply_done(self, visit, values, report, content):
        visit.action_done(None, report)

    def _apply_set(self, visit, values, report, content):
        """Set fields of the result; those that somebody changed meanwhile stay."""
        wanted, base = values.get("values"), values.get("base")
        if not isinstance(wanted, dict) or not isinstance(base, dict):
            raise UserError(self._get_unreadable())
        current = visit._get_result_values()
        if wanted.keys() - current.keys():
            raise UserError(self._get_unreadable())
        changes, conflicts = {}, {}
        for name, value in wanted.items():
            new = visit._read_result(name, value)
            answer = engine.compare(base.get(name), current[name], as_plain(new))
            if answer == "write":
                changes[name] = new
            elif answer == "conflict":
                conflicts[name] = {"mine": value, "theirs": current[name]}
        if changes:
            visit._set_result(changes)
        return {"conflicts": conflicts}

    def _apply_answer(self, visit, values, report, content):
        """Answer an item of the checklist, unless somebody answered it otherwise."""
        key = values.get("key")
        base = values.get("base") if isinstance(values.get("base"), dict) else {}
        visit._begin_checklist(values.get("version"))
        current = visit._get_answer_values().get(key, {})
        mine = {"value": values.get("value"), "remark": values.get("remark") or ""}
        if any(
            engine.compare(base.get(name), current.get(name), mine[name]) == "conflict"
            for name in mine
        ):
            theirs = {name: current.get(name) for name in mine}
            return {"conflicts": {f"answer:{key}": {"mine": mine, "theirs": theirs}}}
        visit._answer(
            key, mine["value"], mine["remark"], visit._clamp_moment(self.date)
        )

    def _apply_answer_signature(self, visit, values, report, content):
        visit._begin_checklist(values.get("version"))
        signature = visit._read_signature(values.get("signature"))
        moment = visit._clamp_moment(self.date)
        visit._answer_signature(values.get("key"), signature, moment)

    def _apply_sign(self, visit, values, report, content):
        """The customer signs on the screen: name and drawing together."""
        name = visit._read_result("signed_by", values.get("signed_by"))
        if not name:
            raise UserError(self.env._("Name is missing: who signed for the customer?"))
        signature = visit._read_signature(values.get("signature"))
        visit._set_result({"signed_by": name, "signature": signature})

    def _apply_confirm(self, visit, values, report, content):
        return {"refused": visit._confirm_with_code(values.get("code"))}

    def _apply_photo(self, visit, values, report, content):
        """A photo of an item of the checklist, or of the visit."""
        if not content:
            raise UserError(self.env._("The photo did not arrive."))
        take_turn(visit)
        taken = [("visit_id", "=", visit.id), ("kind", "=", "photo")]
        if self.search_count([*taken, ("state", "=", "applied")]) >= MAX_PHOTOS:
            raise UserError(
                self.env._(
                    "This visit has %(count)s photos already: no more are taken.",
                    count=MAX_PHOTOS,
                )
            )
        if not values.get("key"):
            visit._check_visit_state(OPEN_STATES)
            visit._keep_photo("photo.jpg", content)
            return {}
        visit._begin_checklist(values.get("version"))
        photo = visit._answer_photo(
            values["key"], "photo.jpg", content, visit._clamp_moment(self.date)
        )
        return {"photo_id": photo.id}

    @api.autovacuum
    def _gc_operations(self):
        """No device asks about what happened half a year ago."""
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.search([("create_date", "<", limit)], limit=10_000).unlink()


def _is_id(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31


def _is_readable(values) -> bool:
    """Keys and versions are texts; the rest its method reads."""
    return (
        isinstance(values, dict)
        and isinstance(values.get("key") or "", str)
        and isinstance(values.get("version") or "", str)
    )


class ServiceVisit(models.Model):
    _inherit = "service.visit"

    @api.model
    def _get_crew_domain(self) -> list:
        """Visits of the user as one of the crew; nobody else's, whatever the rights.

        Who has left, archived, is of no crew.
        """
        return [
            (
                "crew_ids",
                "any",
                [
                    ("technician_id.user_id", "=", self.env.uid),
                    ("technician_id.active", "=", True),
                ],
            )
        ]

    def _keep_photo(self, name, content):
        """Hook: keep a photo of the visit, a JPEG written by us (sudo)."""
        self.message_post(
            body=self.env._("Photo of the visit"), attachments=[(name, content)]
        )
