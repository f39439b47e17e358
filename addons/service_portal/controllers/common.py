from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, LockError, MissingError, UserError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from .photo import MAX_PHOTO_MB, MAX_PHOTOS

FLASH_KEY = "service_flash"
PAGE_SIZE = 20
MAX_TEXT = 5000


class ServicePortal(CustomerPortal):
    """What the pages share. It has no routes.

    - A page finds its record through the rules of the user, within what the page is
      for; what does not exist and what is not the user's get the same answer.
    - Pages show values, see the models of this addon; they change nothing.
    - A form posts, acts within a savepoint and redirects; a refusal of the business
      rules comes back as a sentence on the page.
    """

    # Answers

    def _service_not_found(self):
        """The one answer for 'does not exist' and for 'not yours'."""
        return request.redirect("/my")

    def _service_flash(self, text, kind="success"):
        request.session[FLASH_KEY] = {"text": str(text), "kind": kind}

    def _service_redirect(self, url):
        """To a page after a form, so that reloading it sends nothing again."""
        return request.redirect(url, code=303)

    @contextmanager
    def _service_action(self, success=None):
        """Run a form's action: all of it or nothing, a refusal as a sentence.

        Yields a dictionary; ``done`` in it tells whether the action went through.
        """
        result = {"done": False}
        try:
            with request.env.cr.savepoint():
                yield result
            result["done"] = True
        except AccessError:
            request.env.invalidate_all(flush=False)
            self._service_flash(request.env._("This is not possible."), "danger")
        except IntegrityError:
            # Sent twice at the same time
            request.env.invalidate_all(flush=False)
            self._service_flash(request.env._("This was done already."), "danger")
        except (UserError, LockError, MissingError) as error:
            request.env.invalidate_all(flush=False)
            self._service_flash(error.args[0], "danger")
        if result["done"] and success:
            self._service_flash(success)

    def _service_render(self, template, values):
        values = {
            **self._prepare_portal_layout_values(),
            # What the browser's tab says
            "title": request.env.company.sudo().name,
            "service_flash": request.session.pop(FLASH_KEY, None),
            "max_photos": MAX_PHOTOS,
            "max_photo_mb": MAX_PHOTO_MB,
            "photo_hint": request.env._(
                "Up to %(count)s photos of at most %(size)s MB each.",
                count=MAX_PHOTOS,
                size=MAX_PHOTO_MB,
            ),
            **values,
        }
        return request.render(template, values)

    # Parameters

    def _service_text(self, value, limit=MAX_TEXT) -> str:
        # A file under the name of a text is none
        value = value if isinstance(value, str) else ""
        return value.replace("\x00", "").strip()[:limit]

    def _service_id(self, value) -> int:
        """A number a form sent, 0 for anything else."""
        value = str(value or "")
        is_number = value.isascii() and value.isdigit() and len(value) < 10
        return int(value) if is_number else 0

    # The clock of a service point

    def _get_point_zone(self, point) -> ZoneInfo:
        """The time zone in which the people of the point read the clock."""
        return ZoneInfo(point._get_zone(point.company_id))

    def _read_local_time(self, value, zone) -> datetime | None:
        """A time of a form in naive UTC; nothing where it is none."""
        try:
            local = datetime.strptime(self._service_text(value, 16), "%Y-%m-%dT%H:%M")
            utc = local.replace(tzinfo=zone).astimezone(ZoneInfo("UTC"))
        except (ValueError, OverflowError):
            return None
        return utc.replace(tzinfo=None)

    def _get_reject_reasons(self) -> list[tuple]:
        """The reasons for which a point may refuse an order or hand it back."""
        # sudo: service.reject.reason: the reasons a point may choose from
        reasons = request.env["service.reject.reason"].sudo().search(Domain.TRUE)
        return [(reason.id, reason.name) for reason in reasons]

    # Lists

    def _service_list(self, model, url, domain, page, options, **params):
        """Records of one page of a list and what its search bar shows.

        :param dict options: ``sortings``, ``filters`` and ``inputs`` of the list
        :param params: what the address asks for: ``sortby``, ``filterby``,
            ``search``, ``search_in``; anything unknown is taken as not asked for
        """
        sortings, filters = options["sortings"], options.get("filters", {})
        inputs = options.get("inputs", {})
        sortby = _choose(params.get("sortby"), sortings)
        filterby = _choose(params.get("filterby"), filters)
        search_in = _choose(params.get("search_in"), inputs)
        search = self._service_text(params.get("search"), 100)
        if filterby:
            domain &= filters[filterby]["domain"]
        if search and search_in:
            domain &= inputs[search_in]["domain"](search)
        asked = {
            "sortby": sortby,
            "filterby": filterby,
            "search": search,
            "search_in": search_in,
        }
        pages = pager(
            url=url,
            total=model._count_portal(domain),
            page=page,
            step=PAGE_SIZE,
            url_args={key: value for key, value in asked.items() if value},
        )
        records = model._search_portal(
            domain,
            order=sortings[sortby]["order"],
            limit=PAGE_SIZE,
            offset=max(pages["offset"], 0),
        )
        return records, {
            "pager": pages,
            "default_url": url,
            "searchbar_sortings": sortings,
            "searchbar_filters": filters,
            "searchbar_inputs": {
                name: {"input": name, "label": value["label"]}
                for name, value in inputs.items()
            },
            **asked,
        }


def _choose(value, options):
    return value if value in options else next(iter(options), None)


def to_local(moment, zone) -> datetime:
    return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)
