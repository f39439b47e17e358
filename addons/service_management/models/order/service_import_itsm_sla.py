from collections import Counter

from odoo import fields, models

from odoo.addons.service_management.engine import itsm_log, itsm_sla

from .service_order_hours import SlaSource


class ServiceImport(models.Model):
    """What an incident log promised, and whether our clocks say the same as the log.

    The promise is fitted to every second incident of the file and becomes a policy of
    the import; all incidents are then replayed with its clocks, and the other half
    says how well it was read.
    """

    _inherit = "service.import"

    sla_policy_id = fields.Many2one(
        "service.sla.policy",
        string="Fitted Service Level",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="What the log seems to have promised, by priority; holds for the orders "
        "of this import only.",
    )

    def _start(self):
        result = super()._start()
        if self.kind == itsm_log.KIND and not self.sla_policy_id:
            self._fit_sla_policy()
        return result

    def _read_sla_samples(self) -> list:
        """(incident, sample or nothing, whether it is of the training half)"""
        incidents = self._read_units(self._get_content())[0]
        return [
            (incident, itsm_sla.get_sample(incident), number % 2 == 0)
            for number, incident in enumerate(incidents)
        ]

    def _fit_sla_policy(self):
        promise = self._fit_promise(self._read_sla_samples())
        if not promise:
            return
        # sudo: service.sla.policy: managers import; the promise is the log's
        self.sla_policy_id = (
            self.env["service.sla.policy"]
            .sudo()
            .create(
                {
                    "name": self.env._("Fitted to %s", self.name),
                    "company_id": self.company_id.id,
                    "is_until_closed": promise.end == "closed",
                    "target_ids": [
                        fields.Command.create(
                            {
                                "metric": "resolution",
                                "priority": priority,
                                "hours": limit / 3600,
                                "is_always": True,
                            }
                        )
                        for priority, limit in sorted(promise.limits.items())
                    ],
                }
            )
        )

    def _fit_promise(self, samples):
        return itsm_sla.fit_promise(
            [sample for __, sample, is_training in samples if sample and is_training]
        )

    # What came of it

    def _get_remarks(self, limit=25) -> list:
        remarks = super()._get_remarks(limit)
        if self.kind != itsm_log.KIND:
            return remarks
        samples = self._read_sla_samples()
        remarks.append(
            (
                self.env._("Changes of state"),
                self._describe_state_changes([incident for incident, *__ in samples]),
            )
        )
        promise = self._fit_promise(samples)
        if promise:
            remarks.append(
                (
                    self.env._("The log's made_sla and our clocks"),
                    self._describe_sla_comparison(samples, promise),
                )
            )
        return remarks

    def _describe_state_changes(self, incidents) -> list[str]:
        allowed, refused = Counter(), Counter()
        for incident in incidents:
            for before, after, is_allowed in incident.get_state_changes():
                (allowed if is_allowed else refused)[f"{before} → {after}"] += 1
        lines = [
            self.env._("%(count)s × %(change)s", count=count, change=change)
            for change, count in allowed.most_common()
        ]
        lines += [
            self.env._(
                "%(count)s × %(change)s: refused, the row is older than the one before "
                "it and no reopening was counted",
                count=count,
                change=change,
            )
            for change, count in refused.most_common()
        ]
        return lines

    def _describe_sla_comparison(self, samples, promise) -> list[str]:
        """The fit, the agreement of the stored clocks, the causes of the rest."""
        orders = self._find_orders([self._get_unit_key(unit) for unit, *__ in samples])
        clocks = {
            clock.order_id.id: clock.state
            for clock in self.env["service.sla.clock"]
            .sudo()
            .search_fetch(
                [
                    ("order_id", "in", [order.id for order in orders.values()]),
                    ("metric", "=", "resolution"),
                ],
                ["order_id", "state"],
            )
        }
        tested, agreed, causes = Counter(), Counter(), Counter()
        for incident, sample, is_training in samples:
            order = orders.get(self._get_unit_key(incident))
            state = order and clocks.get(order.id)
            if not sample or state not in ("met", "missed"):
                continue
            half = "training" if is_training else "test"
            cause = itsm_sla.explain(sample, promise, state == "met")
            tested[half] += 1
            agreed[half] += not cause
            if cause:
                causes[cause] += 1
        return self._describe_promise(promise) + [
            *(
                self.env._(
                    "%(half)s half: %(agreed)s of %(count)s agree (%(share).2f%%)",
                    half={
                        "training": self.env._("Training"),
                        "test": self.env._("Test"),
                    }[half],
                    agreed=agreed[half],
                    count=tested[half],
                    share=100 * agreed[half] / tested[half],
                )
                for half in ("training", "test")
                if tested[half]
            ),
            *(
                self.env._(
                    "%(count)s differ: %(cause)s",
                    count=count,
                    cause=self._get_cause_texts()[cause],
                )
                for cause, count in causes.most_common()
            ),
        ]

    def _describe_promise(self, promise) -> list[str]:
        ends = {
            "closed": self.env._("until it is closed"),
            "done": self.env._("until the work is done"),
        }
        priorities = dict(
            self.env["service.order"]
            ._fields["priority"]
            ._description_selection(self.env)
        )
        return [
            *(
                self.env._(
                    "A clock that runs %(end)s calls %(share).2f%% of the training "
                    "half as the log does",
                    end=ends[end],
                    share=100 * share,
                )
                for end, share in promise.shares.items()
            ),
            *(
                self.env._(
                    "%(priority)s: %(hours).1f hours %(end)s",
                    priority=priorities[priority],
                    hours=limit / 3600,
                    end=ends[promise.end],
                )
                for priority, limit in sorted(promise.limits.items())
            ),
        ]

    def _get_cause_texts(self) -> dict[str, str]:
        return {
            "near_limit": self.env._(
                "within three days of the limit; the log counted in hours of work that "
                "it does not tell, we around the clock"
            ),
            "priority_late": self.env._(
                "of a priority of which the log calls nearly all late, however fast"
            ),
            "far_beyond": self.env._(
                "far beyond the limit and still in time for the log, which stopped its "
                "clock in a way that its rows do not show"
            ),
            "far_below": self.env._("late for the log long before the limit"),
        }


class ServiceOrder(models.Model):
    _inherit = "service.order"

    def _get_sla_source(self) -> SlaSource:
        """Replayed history is measured by what its own system promised."""
        # sudo: service.import: the promise of an order, whoever reads it
        policy = self.sudo().import_id.sla_policy_id
        if policy:
            return SlaSource(policy.id, "import")
        return super()._get_sla_source()
