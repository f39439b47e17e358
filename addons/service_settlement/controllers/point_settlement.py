import re
from contextlib import contextmanager

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Domain
from odoo.http import content_disposition, request, route
from odoo.tools.mimetypes import guess_mimetype

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from ..engine.amount_text import read_amount

URL = "/my/settlements"
FLASH_KEY = "service_settlement_flash"
PAGE_SIZE = 20
LINES_A_PAGE = 50
MAX_FILES = 5
MAX_FILE_MB = 10
MAX_TEXT = 2000
MAX_AMOUNT = 10**9
# No invoice is older
FIRST_YEAR = 2000
# What invoices come as; an OFD, the e-invoice of China, is a zip archive
FILE_TYPES = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "application/xml": (".xml",),
    "text/xml": (".xml",),
    "text/plain": (".xml",),
    "application/zip": (".ofd", ".zip"),
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class PointSettlements(CustomerPortal):
    """A service point reads its statements, confirms or disputes them line by line,
    hands in its invoice and sees when it is paid.

    What it may see the record rules say; what does not exist and what belongs to
    others get the same answer. Nothing is changed by a GET.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "settlement_count" in counters:
            values["settlement_count"] = self._count_open_settlements()
        return values

    def _count_open_settlements(self) -> int:
        """Statements that wait for an answer of the point."""
        return request.env["service.settlement"].search_count(
            self._get_settlement_domain()
            & Domain("state", "in", ("issued", "disputed"))
        )

    def _get_settlement_domain(self) -> Domain:
        """The own ones, also for users who may see more elsewhere."""
        return Domain(
            "point_id", "in", request.env.user.service_point_ids.ids
        ) & Domain("state", "!=", "draft")

    def _find_settlement(self, settlement_id):
        return request.env["service.settlement"].search(
            self._get_settlement_domain() & Domain("id", "=", settlement_id), limit=1
        )

    def _settlement_not_found(self):
        return request.redirect("/my")

    def _settlement_back(self, settlement_id):
        return request.redirect(f"{URL}/{settlement_id}", code=303)

    @contextmanager
    def _settlement_action(self, success):
        """All of it or nothing; a refusal is a sentence on the page."""
        flash = {"text": str(success), "kind": "success"}
        try:
            with request.env.cr.savepoint():
                yield
                request.env.flush_all()
        except AccessError:
            flash = {"text": request.env._("This is not possible."), "kind": "danger"}
        except IntegrityError:
            text = request.env._("This has been handed in already.")
            flash = {"text": text, "kind": "danger"}
        except (UserError, LockError) as error:
            flash = {"text": str(error), "kind": "danger"}
        if flash["kind"] == "danger":
            request.env.invalidate_all(flush=False)
        request.session[FLASH_KEY] = flash

    def _settlement_render(self, template, values):
        return request.render(
            template,
            {
                **self._prepare_portal_layout_values(),
                "settlement_flash": request.session.pop(FLASH_KEY, None),
                **values,
            },
        )

    # Pages

    @route(
        [URL, f"{URL}/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_settlements(self, page=1, **kw):
        if not request.env.user.service_point_ids:
            return self._settlement_not_found()
        settlements = request.env["service.settlement"]
        domain = self._get_settlement_domain()
        pages = pager(
            url=URL, total=settlements.search_count(domain), page=page, step=PAGE_SIZE
        )
        found = settlements.search(
            domain,
            order="date_to desc, id desc",
            limit=PAGE_SIZE,
            offset=max(pages["offset"], 0),
        )
        return self._settlement_render(
            "service_settlement.portal_settlement_list",
            {
                "page_name": "service_settlements",
                "pager": pages,
                "default_url": URL,
                "rows": [self._get_settlement_row(rec) for rec in found],
            },
        )

    @route(
        [f"{URL}/<int:settlement_id>", f"{URL}/<int:settlement_id>/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        readonly=True,
    )
    def service_settlement(self, settlement_id, page=1, **kw):
        settlement = self._find_settlement(settlement_id)
        if not settlement:
            return self._settlement_not_found()
        # sudo: service.claim.line: how many lines the statement has, for its pages
        lines_sudo = request.env["service.claim.line"].sudo()
        pages = pager(
            url=f"{URL}/{settlement.id}",
            total=lines_sudo.search_count(
                [("claim_id.settlement_id", "=", settlement.id)]
            ),
            page=page,
            step=LINES_A_PAGE,
        )
        offset = max(pages["offset"], 0)
        return self._settlement_render(
            "service_settlement.portal_settlement_page",
            {
                "page_name": "service_settlement",
                "pager": pages,
                "page": self._get_settlement_page(settlement),
                "lines": settlement._get_line_rows(offset, LINES_A_PAGE),
                "adjustments": settlement._get_adjustment_rows(),
                "currency": settlement.currency_id,
            },
        )

    def _get_settlement_row(self, settlement) -> dict:
        env = request.env
        # sudo: account.move: only whether the bill has been paid, and when it is due
        settlement_sudo = settlement.sudo()
        states = dict(settlement._fields["state"]._description_selection(env))
        move = settlement_sudo.move_id
        return {
            "id": settlement.id,
            "url": f"{URL}/{settlement.id}",
            "name": settlement.name,
            "point": settlement_sudo.point_id.name,
            "period": settlement._get_period_label(),
            "state": settlement.state,
            "label": states[settlement.state],
            "total": settlement.amount_total,
            "currency": settlement.currency_id,
            "invoice_number": settlement.partner_invoice_number,
            "invoice_missing": settlement.is_invoice_missing,
            "due": move.invoice_date_due if move.state == "posted" else False,
            "billed": move.amount_total if move.state == "posted" else False,
            "tax": move.amount_tax if move.state == "posted" else False,
        }

    def _get_settlement_page(self, settlement) -> dict:
        disputes = settlement.dispute_ids
        states = dict(disputes._fields["state"]._description_selection(request.env))
        is_open = settlement.state in ("issued", "disputed")
        return self._get_settlement_row(settlement) | {
            "totals": settlement._get_kind_totals(),
            "is_open": is_open,
            "can_invoice": settlement.state
            in ("issued", "disputed", "confirmed", "approved")
            or (settlement.state == "billed" and not settlement.partner_invoice_number),
            "files": settlement.sudo().partner_invoice_ids.mapped("name"),
            "disputes": [
                {
                    "id": dispute.id,
                    "line_id": dispute.claim_line_id.id,
                    "adjustment_id": dispute.adjustment_id.id,
                    "name": dispute.display_name,
                    "reason": dispute.reason,
                    "stated": dispute.amount_stated,
                    "asked": dispute.amount_asked,
                    "agreed": dispute.amount_agreed,
                    "state": dispute.state,
                    "label": states[dispute.state],
                    "answer": dispute.answer,
                }
                for dispute in disputes
            ],
            "disputed_lines": disputes.filtered(
                lambda dispute: dispute.state == "open"
            ).claim_line_id.ids,
            "disputed_adjustments": disputes.filtered(
                lambda dispute: dispute.state == "open"
            ).adjustment_id.ids,
            "max_file_mb": MAX_FILE_MB,
        }

    # Files

    @route(
        f"{URL}/<int:settlement_id>/xlsx",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def service_settlement_xlsx(self, settlement_id, **kw):
        settlement = self._find_readable(settlement_id)
        if not settlement:
            return self._settlement_not_found()
        return self._settlement_file(settlement, settlement._get_xlsx(), "xlsx", XLSX)

    @route(
        f"{URL}/<int:settlement_id>/pdf",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def service_settlement_pdf(self, settlement_id, **kw):
        settlement = self._find_readable(settlement_id)
        if not settlement:
            return self._settlement_not_found()
        # sudo: ir.actions.report: the report reads what the statement consists of
        content, __ = (
            request.env["ir.actions.report"]
            .sudo()
            ._render_qweb_pdf(
                "service_settlement.action_report_service_settlement", settlement.ids
            )
        )
        return self._settlement_file(settlement, content, "pdf", "application/pdf")

    def _find_readable(self, settlement_id):
        """Files are also for those who see the statement in the back office."""
        model = request.env["service.settlement"]
        if request.env.user._is_internal() and model.has_access("read"):
            return model.search([("id", "=", settlement_id)], limit=1)
        return self._find_settlement(settlement_id)

    def _settlement_file(self, settlement, content, extension, mimetype):
        name = re.sub(r"[^\w-]+", "_", settlement.name or "statement")
        return request.make_response(
            content,
            headers=[
                ("Content-Type", mimetype),
                ("Content-Length", str(len(content))),
                ("Content-Disposition", content_disposition(f"{name}.{extension}")),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )

    # What the point does

    @route(
        f"{URL}/<int:settlement_id>/confirm",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_settlement_confirm(self, settlement_id, **kw):
        settlement = self._find_settlement(settlement_id)
        if not settlement:
            return self._settlement_not_found()
        with self._settlement_action(request.env._("Thank you: it is confirmed.")):
            settlement.action_confirm()
        return self._settlement_back(settlement_id)

    @route(
        f"{URL}/<int:settlement_id>/dispute",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_settlement_dispute(
        self,
        settlement_id,
        line_id=None,
        adjustment_id=None,
        amount=None,
        reason=None,
        **kw,
    ):
        settlement = self._find_settlement(settlement_id)
        if not settlement:
            return self._settlement_not_found()
        with self._settlement_action(request.env._("Your dispute was sent.")):
            settlement._dispute(
                [
                    {
                        "claim_line_id": _get_id(line_id),
                        "adjustment_id": _get_id(adjustment_id),
                        "amount_asked": self._get_amount(amount),
                        "reason": _get_text(reason, MAX_TEXT),
                    }
                ]
            )
        return self._settlement_back(settlement_id)

    @route(
        f"{URL}/<int:settlement_id>/withdraw",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_settlement_withdraw(self, settlement_id, dispute_id=None, **kw):
        settlement = self._find_settlement(settlement_id)
        dispute = settlement.dispute_ids.filtered(
            lambda row: row.id == _get_id(dispute_id)
        )
        if not dispute:
            return self._settlement_not_found()
        with self._settlement_action(request.env._("Your dispute was withdrawn.")):
            dispute.action_withdraw()
        return self._settlement_back(settlement_id)

    @route(
        f"{URL}/<int:settlement_id>/invoice",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def service_settlement_invoice(self, settlement_id, number=None, day=None, **kw):
        settlement = self._find_settlement(settlement_id)
        if not settlement:
            return self._settlement_not_found()
        with self._settlement_action(request.env._("Your invoice was handed in.")):
            settlement._set_partner_invoice(
                _get_text(number, 64), self._get_day(day), self._read_files()
            )
        return self._settlement_back(settlement_id)

    # Parameters

    def _get_amount(self, text) -> float:
        amount = self._read_amount(text)
        if amount is None or not -MAX_AMOUNT < amount < MAX_AMOUNT:
            raise UserError(request.env._("Give the amount that it should be."))
        return amount

    def _read_amount(self, text) -> float | None:
        language = request.env["res.lang"]._get_data(code=request.env.lang)
        return read_amount(_get_text(text, 32), language.decimal_point or ".")

    def _get_day(self, text):
        try:
            day = fields.Date.to_date(_get_text(text, 10) or False)
        except ValueError:
            raise UserError(request.env._("This date is not valid.")) from None
        if day and day.year < FIRST_YEAR:
            raise UserError(request.env._("This date is not valid."))
        if day and day > fields.Date.context_today(request.env.user):
            raise UserError(request.env._("An invoice is not dated in the future."))
        return day

    def _read_files(self) -> list[tuple[str, bytes]]:
        """The invoice's files: few, small, and of kinds that run nowhere."""
        files = []
        for upload in request.httprequest.files.getlist("files")[: MAX_FILES + 1]:
            if not upload.filename:
                continue
            name = re.sub(r"[\x00-\x1f/\\]+", "_", upload.filename)[-120:]
            content = upload.read(MAX_FILE_MB * 1024 * 1024 + 1)
            if len(content) > MAX_FILE_MB * 1024 * 1024:
                raise UserError(
                    request.env._(
                        "%(name)s is too large: at most %(size)s MB.",
                        name=name,
                        size=MAX_FILE_MB,
                    )
                )
            allowed = FILE_TYPES.get(guess_mimetype(content), ())
            if not name.lower().endswith(allowed or ("\x00",)):
                raise UserError(
                    request.env._(
                        "%s: send a PDF, an OFD, an XML, or a picture (PNG, JPEG).",
                        name,
                    )
                )
            files.append((name, content))
        if len(files) > MAX_FILES:
            raise UserError(request.env._("At most %s files.", MAX_FILES))
        return files


def _get_text(value, limit) -> str:
    # A file under the name of a text is none
    return (value if isinstance(value, str) else "").replace("\x00", "").strip()[:limit]


def _get_id(value) -> int:
    """A number that a form sent, 0 for anything else."""
    value = str(value or "")
    # Ids have at most ten digits
    return int(value) if len(value) <= 10 and value.isascii() and value.isdigit() else 0
