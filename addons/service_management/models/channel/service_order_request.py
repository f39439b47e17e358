import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.service_management.engine.request_input import (
    Problem,
    RequestInput,
    read_request,
)
from odoo.addons.service_management.models.order.service_import import SYSTEM_ERRORS

from .request_resolver import RequestResolver

_logger = logging.getLogger(__name__)

MAX_REQUESTS = 1000
# Nobody of ours asked: the team that the service type names takes it up.
REQUEST_CONTEXT = {"default_user_id": False, "mail_create_nosubscribe": True}


class ServiceOrder(models.Model):
    """Requests of other systems: one call, many requests, an answer to each."""

    _inherit = "service.order"

    @api.model
    def create_from_api(self, requests):
        """Registered orders for up to 1,000 requests; an answer for each, in order.

        - Every request has a ``key`` of its own. Sent again, also at the same moment,
          it gives the order that is there already: a client repeats whatever call
          had no answer.
        - A request that cannot be taken is refused by itself: its answer names each
          field and what is wrong with it. The others are taken.

        :param requests: list of ``{field: value}``, fields as in
            ``engine/request_input.py``
        :return: list of ``{key, result, id, number, state, errors}``; ``result`` is
            ``created``, ``existing`` or ``refused``, ``errors`` a list of
            ``{field, code, message}``
        """
        self._check_interface()
        if not isinstance(requests, list):
            raise UserError(self.env._("requests: a list of requests is needed."))
        if len(requests) > MAX_REQUESTS:
            raise UserError(
                self.env._(
                    "requests: %(count)s in one call, %(limit)s at most. Send the rest "
                    "in further calls.",
                    count=len(requests),
                    limit=MAX_REQUESTS,
                )
            )
        now = fields.Datetime.now()
        read = [read_request(data, now) for data in requests]
        return self._take_requests(read, "api", self._get_api_prefix())

    @api.model
    @api.readonly
    def get_status(self, keys):
        """How far the caller's own requests are, by their keys.

        :return: list of ``{key, found, number, state, stage, ...}`` in the order of
            ``keys``; dates in UTC
        """
        self._check_interface()
        if not isinstance(keys, list) or len(keys) > MAX_REQUESTS:
            raise UserError(
                self.env._("keys: a list of %s keys at most is needed.", MAX_REQUESTS)
            )
        prefix = self._get_api_prefix()
        # sudo: service.order: found by keys of the caller's own requests only
        found = self.sudo()._find_by_source(
            [{"channel": "api", "source_key": f"{prefix}{key}"} for key in keys]
        )
        return [
            {"key": key} | self._prepare_status(found.get(("api", f"{prefix}{key}")))
            for key in keys
        ]

    def _prepare_status(self, order) -> dict:
        if not order:
            return {"found": False}
        return {
            "found": True,
            "id": order.id,
            "number": order.name,
            "state": order.state,
            "stage": order.stage_id.name,
            "outcome": order.outcome or None,
            **{
                name: fields.Datetime.to_string(order[name]) or None
                for name in ("date_request", "date_due", "date_done", "date_closed")
            },
        }

    @api.model
    def _check_interface(self):
        """Interfaces and the service desk; nobody else files for customers."""
        user = self.env.user
        if not self.env.su and not any(
            user.has_group(f"service_management.{group}")
            for group in ("group_service_interface", "group_service_agent")
        ):
            raise AccessError(
                self.env._(
                    "%s may not file requests through this interface. Give the user "
                    "the right 'Service: Interface'.",
                    user.name,
                )
            )

    @api.model
    def _get_api_prefix(self) -> str:
        """Two interfaces may number their requests alike."""
        return f"{self.env.uid}:"

    # From what was read to orders

    @api.model
    def _take_requests(self, read, channel, prefix, dry=False) -> list[dict]:
        """Answers to the ``(request, problems)`` pairs of ``read_request``.

        In a constant number of queries; where a batch fails it is halved until the
        request at fault stands alone.

        :param dry: make nothing; good requests are answered with ``valid``
        """
        worker = self._get_request_worker()
        answers = [
            self._prepare_answer(request, problems=problems)
            for request, problems in read
        ]
        taken = {index: pair[0] for index, pair in enumerate(read) if not pair[1]}
        existing = worker._find_by_source(
            [
                {"channel": channel, "source_key": prefix + request.key}
                for request in taken.values()
            ]
        )
        fresh = {}
        for index, request in taken.items():
            order = existing.get((channel, prefix + request.key))
            if order:
                answers[index] = self._prepare_answer(request, "existing", order)
            else:
                fresh[index] = request
        if fresh:
            resolver = RequestResolver(worker.env, list(fresh.values()))
            resolved = {}
            for index, request in fresh.items():
                vals, problems = resolver.resolve(request)
                if problems:
                    answers[index] = self._prepare_answer(request, problems=problems)
                else:
                    vals |= {"channel": channel, "source_key": prefix + request.key}
                    resolved[index] = (request, vals)
            if dry:
                for index, (request, __) in resolved.items():
                    answers[index] = self._prepare_answer(request, "valid")
            else:
                worker._file_requests(resolver, resolved, answers)
        return answers

    @api.model
    def _get_request_worker(self):
        # sudo: service.order, res.partner: who may use an interface may have requests
        # made of the allow-listed fields, and reads nothing but their numbers
        return self.sudo().with_context(**REQUEST_CONTEXT)

    def _file_requests(self, resolver, resolved, answers):
        """Make the orders; ``answers`` are set in place."""
        if not resolved:
            return
        try:
            with self.env.cr.savepoint():
                new = {
                    index: request
                    for index, (request, vals) in resolved.items()
                    if not vals.get("partner_id")
                }
                customers = resolver.create_customers(new)
                orders = self._create_from_channel(
                    [
                        vals
                        | ({"partner_id": customers[index]} if index in new else {})
                        for index, (__, vals) in resolved.items()
                    ]
                )
                self.env.flush_all()
        except SYSTEM_ERRORS:
            raise
        except Exception as error:
            self.env.invalidate_all(flush=False)
            if len(resolved) > 1:
                items = list(resolved.items())
                middle = len(items) // 2
                self._file_requests(resolver, dict(items[:middle]), answers)
                self._file_requests(resolver, dict(items[middle:]), answers)
                return
            ((index, (request, __)),) = resolved.items()
            text = self._explain_failure(error)
            problem = Problem("", "failed", text)
            answers[index] = self._prepare_answer(request, problems=[problem])
            return
        seen = set()
        for (index, (request, __)), order in zip(resolved.items(), orders, strict=True):
            result = "existing" if order.id in seen else "created"
            seen.add(order.id)
            answers[index] = self._prepare_answer(request, result, order)

    @api.model
    def _explain_failure(self, error) -> str:
        if not isinstance(error, UserError | psycopg2.Error):
            _logger.warning("A request could not be taken", exc_info=error)
            return self.env._("The server could not take this request.")
        return str(error).strip().split("\n", 1)[0] or type(error).__name__

    @api.model
    def _prepare_answer(
        self, request: RequestInput, result="refused", order=None, problems=()
    ) -> dict:
        return {
            "key": request.key,
            "result": result,
            "id": order.id if order else None,
            "number": order.name if order else None,
            "state": order.state if order else None,
            "errors": [
                {
                    "field": problem.field,
                    "code": problem.code,
                    "message": self._explain_problem(problem),
                }
                for problem in problems
            ],
        }

    # Sentences

    @api.model
    def _explain_problem(self, problem: Problem) -> str:
        text = self._get_problem_texts()[problem.code] % {"value": problem.value}
        return f"{problem.field}: {text}" if problem.field else text

    @api.model
    def _get_problem_texts(self) -> dict[str, str]:
        return {
            "not_an_object": self.env._("A request is an object of fields and values."),
            "unknown_field": self.env._("no such field in a request"),
            "missing": self.env._("is missing"),
            "no_customer": self.env._(
                "say who asks: customer_id, customer_ref, customer_name, phone, email "
                "or serial"
            ),
            "not_text": self.env._("'%(value)s' is not a text"),
            "not_a_number": self.env._("'%(value)s' is not a number"),
            "not_a_date": self.env._("'%(value)s' is not a date"),
            "not_an_address": self.env._("'%(value)s' is not an email address"),
            "in_future": self.env._("'%(value)s' is in the future"),
            "too_long": self.env._("is too long"),
            "unknown": self.env._("'%(value)s' is not known"),
            "needed_for_type": self.env._("is needed for the type '%(value)s'"),
            "several": self.env._("'%(value)s' belongs to more than one"),
            "of_another": self.env._("'%(value)s' belongs to another customer"),
            "nobody": self.env._(
                "'%(value)s' is nobody's; give a customer_name for a new customer"
            ),
            "failed": "%(value)s",
        }
