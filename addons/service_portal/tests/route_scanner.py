"""Calls every route of ours as somebody to whom nothing belongs.

``RouteScanner`` reads the routing map, so a route added later is scanned without
anybody thinking of it; a route parameter it does not know is a finding too.
"""

import inspect
import itertools
import json
import threading
import uuid

from odoo import http
from odoo.tools import SQL

OUR_ADDONS = "odoo.addons.service_"


class RouteScanner:
    """Finds what a session learns or changes of records that are not its own.

    :param case: the running ``HttpCase``, signed in as the stranger
    :param dict targets: by route parameter, the ids of the planted records
    :param str marker: the text in everything planted
    :param fingerprint: callable that tells the state of the planted records
    """

    def __init__(self, case, targets, marker, fingerprint):
        self.case = case
        self.targets = targets
        self.marker = marker
        self.fingerprint = fingerprint
        self.called = []

    def scan(self) -> list[str]:
        findings = []
        for rule in self.iter_rules():
            before = self.fingerprint()
            for method, url in self.iter_calls(rule, findings):
                findings += self.call(rule, method, url)
            if self.fingerprint() != before:
                findings.append(f"{rule.rule}: changed what is not the user's")
        return findings

    def iter_rules(self):
        env = self.case.env
        env.registry.clear_cache("routing")
        # The map is built for the database of the thread, which a test may not name
        threading.current_thread().dbname = env.cr.dbname
        rules = env["ir.http"].routing_map().iter_rules()
        for rule in sorted(rules, key=lambda rule: rule.rule):
            if rule.endpoint.__module__.startswith(OUR_ADDONS):
                yield rule

    def iter_calls(self, rule, findings):
        unknown = rule.arguments - self.targets.keys()
        if unknown:
            findings.append(f"{rule.rule}: teach the scanner {sorted(unknown)}")
            return
        names = sorted(rule.arguments)
        methods = (rule.methods or {"GET", "POST"}) - {"HEAD", "OPTIONS"}
        for ids in itertools.product(*(self.targets[name] for name in names)):
            url = rule.build(dict(zip(names, ids, strict=True)))[1]
            for method in sorted(methods):
                yield method, url

    def call(self, rule, method, url):
        self.called.append((method, rule.rule))
        params = self.get_params(rule)
        if rule.endpoint.routing["type"] != "http":
            response = self.case.url_open(
                url,
                data=json.dumps({"jsonrpc": "2.0", "params": params}),
                headers={"Content-Type": "application/json"},
            )
        elif method == "GET":
            response = self.case.url_open(url, params=params)
        else:
            token = http.Request.csrf_token(self.case)
            response = self.case.url_open(url, data={**params, "csrf_token": token})
        leaked = self.marker.encode() in response.content
        if leaked or response.headers["Content-Type"].startswith("image/jpeg"):
            yield f"{method} {rule.rule}: shows what is not the user's"
        if response.status_code >= 500:
            yield f"{method} {rule.rule}: fails with {response.status_code}"

    def get_params(self, rule) -> dict:
        """A value for whatever the route's function asks for, by its name."""
        known = {
            "token": uuid.uuid4().hex,
            "page": 1,
            # Half of the marker: found in records, but never an echo of it
            "search": self.marker[: len(self.marker) // 2],
            "search_in": "all",
            "filterby": "all",
            "counters": ["service_order_count", "service_asset_count"],
            "start": "2099-01-01T10:00",
            "outcome": "fixed",
            "description": "text",
        }
        known |= {name: ids[0] for name, ids in self.targets.items()}
        asked = {
            name
            for name, parameter in inspect.signature(rule.endpoint).parameters.items()
            if parameter.kind
            in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        }
        asked |= known.keys()
        return {
            name: known.get(name, "text") for name in asked - rule.arguments - {"self"}
        }


def fingerprint_tables(env, tables) -> dict:
    """A digest of every row of the tables."""
    env.flush_all()
    return {
        table: env.execute_query(
            SQL(
                "SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) "
                "FROM %s t",
                SQL.identifier(table),
            )
        )
        for table in tables
    }


def fingerprint_rows(env, records) -> list:
    """A digest of the stored rows of some records."""
    env.flush_all()
    return [
        env.execute_query(
            SQL(
                "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM %s t "
                "WHERE id = ANY(%s)",
                SQL.identifier(group._table),
                group.ids,
            )
        )
        for group in records
    ]
