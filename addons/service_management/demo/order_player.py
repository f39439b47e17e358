"""Plays the story of one order through the product's own methods."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from .free_times import find_free_times
from .order_stories import Story, get_request_time

ZONE = ZoneInfo("Asia/Shanghai")
UTC = ZoneInfo("UTC")
VISIT_PATH = (
    "draft",
    "new",
    "offered",
    "accepted",
    "scheduled",
    "in_progress",
    "done",
    "closed",
)
DESK_PATH = ("draft", "new", "in_progress", "done", "closed")
# Ways that an open task is left by, besides the straight one.
WORKFLOW_TWISTS = {
    "waits_for_parts": "Flow_plan_parts_only",
    "second_line": "Flow_line_1_line_2",
}
# How long after the request people get to it.
REGISTERED = timedelta(minutes=6)
OFFERED = timedelta(minutes=25)
ANSWERED = timedelta(minutes=100)
PLANNED = timedelta(minutes=150)


class OrderPlayer:
    """One order and its clock.

    Everybody acts as the user who would: agents register, dispatchers offer, points
    answer and plan, technicians report. Points and technicians who have no login are
    acted for by the dispatcher, as over the telephone.
    """

    def __init__(self, env, story: Story, number: int, now: datetime):
        self.story = story
        self.number = number
        self.now = now
        self.local_now = to_local(now)
        requested = get_request_time(story, number, self.local_now)
        self.requested = to_utc(requested.replace(second=0, microsecond=0))
        self.env = env
        # One for all orders: environments with equal contexts are the same one
        self.moments = env.context["service_moments"]
        self.order = env["service.order"]

    def play(self):
        story = self.story
        self.order = self._request()
        path = VISIT_PATH if self.order.type_id.visit_required else DESK_PATH
        if story.until == "draft":
            return self.order
        self._register()
        self._post_messages()
        if story.twist == "reopened":
            self._walk(path[2:])
            self._reopen()
        self._walk(path[2 : path.index(story.until) + 1])
        self._end()
        return self.order

    def _walk(self, states):
        for state in states:
            self._finish_tasks(state)
            getattr(self, f"_get_{state}")()

    def _finish_tasks(self, state):
        """Do what the workflow asks for before the order can come to ``state``."""
        for __ in range(5):
            if any(
                flow.signal == state
                for item in self._get_open_items()
                for flow in item.node_id.version_id.flow_ids
                if flow.source_id == item.node_id
            ):
                return
            item = self._get_open_items().filtered(
                lambda item: item.step in ("task", "resolve")
            )[:1]
            if not item:
                return
            node = item.node_id
            values = {"checklist": list(range(len((node.checklist or "").split("\n"))))}
            if "outcome_note" in (node.required or ""):
                values["outcome_note"] = self.story.report
            item = self.by("manager", item)
            item.action_complete(item._get_available_flows()[:1].id, values)

    def _get_open_items(self):
        return self.order.sudo().workitem_ids.filtered(
            lambda item: item.state == "open" and item.kind == "task"
        )

    # Who, and when

    def ref(self, name):
        return self.env.ref(f"service_management.{name}")

    def by(self, login, records=None):
        """``records`` (the order) as this user; the portal's pages act in sudo."""
        user = self.ref(f"demo_user_{login}")
        records = self.order if records is None else records
        return records.with_user(user).sudo(user.share)

    def by_point(self, records, point):
        user = point.sudo().user_ids[:1]
        return (
            records.with_user(user).sudo(user.share)
            if user
            else self.by("dispatcher", records)
        )

    def at(self, moment: datetime):
        """Set the order's clock; nothing happens in the future."""
        moment = moment.replace(second=0, microsecond=0)
        self.moments[self.order.id] = min(moment, self.now)

    def after_request(self, delay: timedelta):
        self.at(self.requested + delay)

    # The request

    def _request(self):
        story = self.story
        customer_user = self.ref("demo_user_customer")
        vals = self._prepare_request()
        orders = self.env["service.order"]
        if story.channel == "portal":
            orders = orders.with_user(customer_user).sudo()
        else:
            orders = self.by("agent", orders)
        if story.channel in ("phone", "walk_in") or story.until == "draft":
            order = orders.create(vals)
        else:
            vals["source_key"] = f"demo-{story.key}"
            order = orders._create_from_channel([vals])
        order = order.with_env(self.env)
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": f"service_management.demo_order_{story.key}",
                    "record": order,
                    "noupdate": True,
                }
            ]
        )
        return order

    def _prepare_request(self) -> dict:
        story = self.story
        asset = self.ref(f"demo_asset_{story.asset}") if story.asset else None
        customer = (
            asset.partner_id if asset else self.ref(f"demo_customer_{story.customer}")
        )
        vals = {
            "partner_id": customer.id,
            "type_id": self.ref(f"type_{story.type}").id,
            "channel": story.channel,
            "description": story.text,
            "date_request": self.requested,
        }
        if asset:
            vals["asset_id"] = asset.id
        if story.product:
            vals["product_id"] = self.ref(f"demo_product_{story.product}").id
        if story.requester:
            vals["requester_id"] = self.ref(f"demo_contact_{story.requester}").id
        if story.symptom:
            vals["symptom_id"] = self.ref(f"fault_symptom_{story.symptom}").id
        if story.priority:
            vals["priority"] = story.priority
        if story.parent:
            vals["parent_id"] = self.ref(f"demo_order_{story.parent}").id
        return vals

    def _register(self):
        self.after_request(REGISTERED)
        if self.order.state == "draft":
            self.by("agent").action_register()
        if self.story.twist == "unserved" or (
            self.story.twist == "refused" and self.story.until == "new"
        ):
            self._get_offered()

    def _post_messages(self):
        for said in self.story.messages:
            moment = min(self.requested + timedelta(hours=said.hours), self.now)
            self.at(moment)
            if not said.by_customer:
                message = self.by("agent").message_post(
                    body=said.text,
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                )
            elif self.story.channel == "portal":
                message = self.by("customer")._write_by_customer(said.text)
            else:
                author = self.order.requester_id or self.order.partner_id
                message = self.by("agent").message_post(
                    body=said.text,
                    author_id=author.id,
                    message_type="email",
                    subtype_xmlid="mail.mt_comment",
                )
                self.by("agent")._log_event("message", is_public=True)
            message.sudo().date = moment
        self.after_request(REGISTERED)

    # Finding a point

    def _get_offered(self):
        story = self.story
        self.after_request(OFFERED)
        point = self._get_chosen_point()
        if story.twist == "overridden":
            self.by("dispatcher").action_assign(point.id, story.why)
        elif point:
            self.by("dispatcher")._offer_to(point)
        else:
            self.by("dispatcher").action_dispatch()
        if story.twist == "refused":
            self._refuse()
        elif story.twist == "expired":
            self._expire()

    def _get_chosen_point(self):
        """The point that the dispatcher prefers to the first in rank, if any."""
        story = self.story
        if story.point:
            return self.ref(f"demo_point_{story.point}")
        if story.technician:
            return self.ref(f"demo_technician_{story.technician}").point_id
        return None

    def _get_waiting(self):
        return self.order.offer_ids.filtered(lambda offer: offer.state == "offered")

    def _refuse(self):
        self.after_request(ANSWERED)
        offer = self._get_waiting()
        reason = self.ref(f"reject_reason_{self.story.why}")
        self.by_point(offer, offer.point_id).action_reject(reason.id)

    def _expire(self):
        offer = self._get_waiting()
        self.at(offer.expires_at)
        offer._expire_one()

    def _get_accepted(self):
        if self.order.state != "offered":
            return
        self.at(self.moments[self.order.id] + ANSWERED)
        offer = self._get_waiting()
        self.by_point(offer, offer.point_id).action_accept()

    # Visits

    def _get_scheduled(self):
        self.at(self.moments[self.order.id] + (PLANNED - ANSWERED))
        story = self.story
        if story.twist == "after_hours":
            technician = self.ref(f"demo_technician_{story.technician}")
            start = self._get_clock(story.visit.days, story.visit.hour)
            end = start + timedelta(hours=self.order.type_id.duration)
            self.by("dispatcher")._plan_visit(technician, start, end, story.why)
            return
        slot = self._find_slot()
        technician = self.env["service.technician"].browse(slot["technician_id"])
        self.by_point(self.order, self.order.point_id)._plan_visit(
            technician, slot["start"], slot["end"]
        )
        if story.twist == "rescheduled":
            self._reschedule()

    def _find_slot(self, hour=None) -> dict:
        """A free time of the point's people for this order."""
        visit = self.story.visit
        if not visit:
            day = to_local(self.moments[self.order.id]).replace(hour=0, minute=0)
            start = to_utc(day + timedelta(days=1))
            slots = self._get_slots(start, days=4)
            return slots[self.number * 5 % len(slots)]
        if self.story.until == "in_progress":
            begun = self.now - timedelta(minutes=20)
            slots = self._get_slots(self._get_clock(-1, 0), days=2)
            return [slot for slot in slots if slot["start"] <= begun][-1]
        slots = self._get_slots(self._get_clock(visit.days, 0), days=1)
        start = self._get_clock(visit.days, visit.hour if hour is None else hour)
        later = [slot for slot in slots if slot["start"] >= start]
        return later[0] if later else slots[-1]

    def _get_slots(self, start, days) -> list[dict]:
        order, technician = self.by("dispatcher"), self.story.technician
        people = (
            self.ref(f"demo_technician_{technician}")
            if technician
            else order.point_id.technician_ids
        )
        return find_free_times(order, start, days, people)

    def _get_clock(self, days, hour) -> datetime:
        """The hour of a day counted from today, in UTC."""
        day = self.local_now.date() + timedelta(days=days)
        return to_utc(datetime.combine(day, time(), ZONE) + timedelta(hours=hour))

    def _reschedule(self):
        """The customer asks for another time, the point moves the visit."""
        visit = self.order.visit_ids
        self.at(self.requested + timedelta(hours=18))
        message = self.by("customer")._ask_other_time(self.story.why)
        message.sudo().date = self.moments[self.order.id]
        self.at(self.requested + timedelta(hours=19))
        slot = self._find_slot(hour=15)
        self.by_point(visit, visit.point_id).action_reschedule(
            slot["start"], slot["end"], self.story.why
        )
        self.by("dispatcher").activity_unlink(["mail.mail_activity_data_todo"])

    def _get_in_progress(self):
        if not self.order.type_id.visit_required:
            self.after_request(ANSWERED)
            self.by("agent").action_start_work()
            return
        visit = self._get_open_visit()
        self.at(visit.planned_start - timedelta(minutes=20))
        self._by_crew(visit).action_en_route()
        self.at(visit.planned_start + timedelta(minutes=self.number % 10))
        self._by_crew(visit).action_on_site()
        visit.sudo().actual_start = self.moments[self.order.id]

    def _get_open_visit(self):
        return self.order.visit_ids.filtered(
            lambda visit: visit.state in ("planned", "en_route", "on_site")
        )

    def _by_crew(self, visit):
        user = visit.technician_id.user_id
        return visit.with_user(user) if user else self.by_point(visit, visit.point_id)

    # The end

    def _get_done(self):
        if self.order.type_id.visit_required:
            self._report(self.story.outcome, self.story.report)
            return
        self.after_request(PLANNED)
        order = self.by("agent")
        order.write({"outcome": self.story.outcome, "outcome_note": self.story.report})
        order.action_done()

    def _report(self, outcome, report, **vals):
        story = self.story
        visit = self._get_open_visit()
        visit_of_crew = self._by_crew(visit)
        for part, quantity in story.parts:
            product = self.ref(f"demo_part_{part}")
            visit_of_crew.action_add_part(product.id, quantity)
        spent = visit.planned_end - visit.planned_start
        self.at(visit.planned_start + spent * (60 + self.number * 7 % 40) / 100)
        codes = {
            f"{kind}_id" if kind != "repair" else "repair_code_id": self.ref(
                f"fault_{kind}_{getattr(story, kind)}"
            ).id
            for kind in ("section", "defect", "repair")
            if getattr(story, kind)
        }
        visit_of_crew.action_done(
            {
                "outcome": outcome,
                "report": report,
                "signed_by": (self.order.requester_id or self.order.partner_id).name,
                **codes,
                **vals,
            }
        )
        # Stock moves are dated by the hour they are made; these are part of the past
        for records in (visit.sudo().move_ids, visit.sudo().move_ids.move_line_ids):
            records.write({"date": self.moments[self.order.id]})

    def _get_closed(self):
        done = to_local(self.order.date_done).replace(hour=9, minute=10)
        self.at(to_utc(done + timedelta(days=1, minutes=self.number * 31 % 420)))
        if self.story.confirmed:
            self.by("customer")._confirm_by_customer()
        else:
            self.by("agent").action_close()

    def _reopen(self):
        self.at(self.now - timedelta(days=2))
        self.by("agent").action_reopen(self.story.why)
        self.requested = self.moments[self.order.id]

    def _end(self):
        """What ends a story in another way than it began."""
        story = self.story
        moment = self.moments[self.order.id]
        if story.twist == "second_visit":
            self._get_scheduled()
            self._get_in_progress()
            self._report("repairable", story.why, needs_next_visit=True)
        elif story.twist in WORKFLOW_TWISTS:
            self.at(moment + timedelta(hours=2))
            way = WORKFLOW_TWISTS[story.twist]
            item = self._get_open_items()
            flow = item.node_id.version_id.flow_ids.filtered(
                lambda flow: flow.element_id == way
            )
            self.by("dispatcher", item).action_complete(flow.id)
        elif story.twist == "cancelled":
            self.at(moment + timedelta(hours=3))
            self.by("agent").action_cancel(story.why)
        elif story.twist == "cancelled_by_customer":
            self.at(moment + timedelta(hours=3))
            self.by("customer")._cancel_by_customer(story.why)


def to_local(moment: datetime) -> datetime:
    """Where the orders are, from what the database keeps."""
    return moment.replace(tzinfo=UTC).astimezone(ZONE)


def to_utc(moment: datetime) -> datetime:
    """Without a time zone, as the database keeps it."""
    return moment.astimezone(UTC).replace(tzinfo=None)
