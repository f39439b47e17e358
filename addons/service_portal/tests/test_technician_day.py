import json
import uuid
from datetime import timedelta

from odoo import fields
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .common import MARKER, PortalCommon, picture

PAGE = "/my/service/day"


class DayCommon(PortalCommon):
    """The point's portal user is also its technician."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.technician.user_id = cls.portal_point
        cls.job = cls._plant_job()
        start = fields.Datetime.now().replace(microsecond=0) + timedelta(minutes=10)
        cls.visit = cls.job._plan_visit(
            cls.technician, start, start + timedelta(hours=1)
        )

    def _pull(self, known=None, lists=""):
        return self.make_jsonrpc_request(
            f"{PAGE}/pull", {"known": known or {}, "lists": lists}
        )

    def _sync(self, *operations, protocol=1):
        return self.make_jsonrpc_request(
            f"{PAGE}/sync", {"operations": list(operations), "protocol": protocol}
        )

    def _operation(self, kind, visit=None, **values):
        return {
            "id": str(uuid.uuid4()),
            "kind": kind,
            "visit_id": (visit or self.visit).id,
            "date": f"{fields.Datetime.now().isoformat()}Z",
            "values": values,
        }


@tagged("post_install", "-at_install")
class TestTechnicianDay(DayCommon):
    def test_the_day_holds_what_the_job_needs(self):
        self._login(self.portal_point)
        answer = self._pull()
        (row,) = answer["visits"]
        self.assertEqual(row["id"], self.visit.id)
        self.assertEqual(row["customer"], f"{MARKER} customer")
        self.assertIn("street", row["address"])
        self.assertEqual(row["order"]["description"], f"{MARKER} description")
        self.assertEqual(row["notes"][0]["text"], f"{MARKER} message")
        text = json.dumps(answer)
        for secret in ("internal", "staff only", "candidate"):
            self.assertNotIn(f"{MARKER} {secret}", text)
        self.assertTrue(answer["lists"]["outcomes"])

    def test_the_day_says_where_to_stand_by_and_until_when(self):
        other = self._make_technician("Other")
        now = fields.Datetime.now().replace(microsecond=0)
        standbys = self.env["service.standby"].create(
            [
                {
                    "technician_id": technician.id,
                    "place_id": place,
                    "start": now + timedelta(hours=hours),
                    "end": now + timedelta(hours=hours + 2),
                }
                for technician, place, hours in (
                    (self.technician, self.point.id, 1),
                    (self.technician, False, 20),
                    (self.technician, self.point.id, -5),  # over
                    (other, self.point.id, 1),
                )
            ]
        )
        self._login(self.portal_point)
        answer = self._pull()
        self.assertEqual(
            [(row["id"], row["place"]) for row in answer["lists"]["standbys"]],
            [(standbys[0].id, self.point.name), (standbys[1].id, "")],
        )
        digest = answer["lists"]["digest"]
        self.assertFalse(self._pull(lists=digest)["lists"])
        standbys[0]._call_off()
        (left,) = self._pull(lists=digest)["lists"]["standbys"]
        self.assertEqual(left["id"], standbys[1].id)

    def test_only_what_changed_is_sent_again(self):
        self._login(self.portal_point)
        first = self._pull()
        known = {str(row["id"]): row["digest"] for row in first["visits"]}
        digest = first["lists"]["digest"]
        again = self._pull(known, digest)
        self.assertEqual((again["visits"], again["removed"]), ([], []))
        self.assertFalse(again["lists"])
        # anything that is shown counts, on whatever record it stands
        for change in (
            lambda: self.customer.write({"street": "Another street"}),
            lambda: self.job.write({"description": "Another fault"}),
            lambda: self.visit.write({"report": "Begun"}),
            lambda: self.visit.write({"travel_minutes": 12}),
        ):
            change()
            again = self._pull(known, digest)
            self.assertEqual([row["id"] for row in again["visits"]], [self.visit.id])
            known = {str(row["id"]): row["digest"] for row in again["visits"]}

    def test_who_goes_there_is_told_where_it_stands_and_what_is_special(self):
        self._login(self.portal_point)
        (row,) = self._pull()["visits"]
        known = {str(row["id"]): row["digest"]}
        self.assertEqual(row["asset"]["place"], "")
        self.job.asset_id.write({"place": "Room 12", "note": "Ring twice."})
        (row,) = self._pull(known)["visits"]
        self.assertEqual(
            (row["asset"]["place"], row["asset"]["note"]), ("Room 12", "Ring twice.")
        )
        page = self.url_open(f"/my/service/jobs/{self.job.id}").text
        self.assertIn("Room 12", page)

    def test_l12_visits_taken_away_are_told_with_the_reason(self):
        self._login(self.portal_point)
        known = {str(row["id"]): row["digest"] for row in self._pull()["visits"]}
        self.visit._set_crew(self._make_technician("Somebody Else"))
        self.assertEqual(
            self._pull(known)["removed"],
            [{"id": self.visit.id, "reason": "reassigned"}],
        )
        self.visit._set_crew(self.technician)
        self.visit.action_cancel("Customer is away")
        self.assertEqual(
            self._pull(known)["removed"], [{"id": self.visit.id, "reason": "cancelled"}]
        )
        self.visit.crew_ids.unlink()
        self.visit.state = "planned"
        self.visit.unlink()
        self.assertEqual(self._pull(known)["removed"][0]["reason"], "deleted")

    def test_l6_nobody_learns_of_visits_by_asking_for_their_numbers(self):
        other = self._plan(self._plant_job(), days=2)
        other._set_crew(self._make_technician("Somebody Else"))
        self._login(self.portal_point)
        known = {str(other.id): "0123456789abcdef.0", "x": "y", "-1": "z"}
        known[str(other.id + 1000000)] = "签.0"
        answer = self._pull(known)
        self.assertEqual(answer["removed"], [])
        self.assertNotIn(other.id, [row["id"] for row in answer["visits"]])

    def test_l6_who_is_no_technician_has_no_day(self):
        for user in (self.portal_customer, self.other_point_user):
            self._login(user)
            response = self.url_open(PAGE, allow_redirects=False)
            self.assertEqual(response.headers["Location"].rstrip("/")[-3:], "/my")
            self.assertEqual(self._pull()["visits"], [])
            (result,) = self._sync(self._operation("en_route"))["results"]
            self.assertEqual(result["state"], "gone")
        self.assertEqual(self.visit.state, "planned")

    def test_an_internal_technician_sees_own_visits_only(self):
        self.technician.user_id = self.technician_user
        stranger = self._make_technician("Stranger", user_id=self.dispatcher.id)
        self._login(self.technician_user)
        self.assertEqual(len(self._pull()["visits"]), 1)
        self._login(self.dispatcher)
        self.assertEqual(self._pull()["visits"], [])
        self.assertTrue(stranger)

    def test_operations_go_through_the_page(self):
        self._login(self.portal_point)
        operations = [
            self._operation("en_route"),
            self._operation("set", values={"report": "Seen"}, base={"report": False}),
        ]
        for __ in range(2):
            results = self._sync(*operations)["results"]
            self.assertEqual([row["state"] for row in results], ["applied"] * 2)
        events = self.job.event_ids.filtered(lambda event: event.kind == "en_route")
        self.assertEqual(len(events), 1)
        self.assertEqual(self.visit.report, "Seen")

    def test_a_finished_visit_is_still_shown(self):
        self._stock(self.part, 3)
        self._login(self.portal_point)
        results = self._sync(
            self._operation("en_route"),
            self._operation("on_site"),
            self._operation("part_add", product_id=self.part.id, quantity=1),
            self._operation(
                "set", values={"outcome": "fixed"}, base={"outcome": False}
            ),
            self._operation("done"),
        )["results"]
        self.assertEqual([row["state"] for row in results], ["applied"] * 5)
        (row,) = self._pull()["visits"]
        self.assertEqual(row["state"], "done")
        self.assertTrue(row["parts"][0]["done"])

    def test_a_page_of_another_age_sends_nothing(self):
        self._login(self.portal_point)
        answer = self._sync(self._operation("en_route"), protocol=0)
        self.assertTrue(answer["outdated"])
        self.assertEqual(self.visit.state, "planned")

    def test_without_a_session_the_device_is_told(self):
        self.authenticate(None, None)
        with mute_logger("odoo.http"), self.assertRaises(JsonRpcException) as caught:
            self._sync(self._operation("en_route"))
        self.assertIn("Session", str(caught.exception))

    def test_l30_photos_are_checked_and_arrive_once(self):
        self._login(self.portal_point)

        def send(operation, content, name="photo.jpg"):
            response = self._post(
                f"{PAGE}/photo",
                {"operation": json.dumps(operation)},
                files={"photo": (name, content)},
            )
            return response.json()["state"]

        good = self._operation("photo")
        before = len(self.job._get_public_messages().attachment_ids)
        self.assertEqual(send(good, picture()), "applied")
        self.assertEqual(send(good, picture()), "applied")
        self.assertEqual(
            send(self._operation("photo"), b"<svg onload='x()'/>", "x.svg"), "refused"
        )
        self.assertEqual(send({"id": "short"}, picture()), "refused")
        after = len(self.job._get_public_messages().attachment_ids)
        self.assertEqual(after - before, 1)

    def test_photos_need_the_token(self):
        self._login(self.portal_point)
        response = self.url_open(
            f"{PAGE}/photo",
            data={"operation": json.dumps(self._operation("photo"))},
            files={"photo": ("photo.jpg", picture())},
        )
        self.assertEqual(response.status_code, 400)

    def test_the_worker_stays_within_the_page(self):
        response = self.url_open("/service/day/service_worker.js")
        self.assertEqual(response.headers["Service-Worker-Allowed"], PAGE)
        self.assertIn("javascript", response.headers["Content-Type"])
        config = json.loads(response.text.partition("= ")[2].partition(";\n")[0])
        self.assertEqual(config["page"], PAGE)
        self.assertTrue(all(url.startswith("/web/assets/") for url in config["assets"]))

    def test_the_page_itself_holds_no_data(self):
        self._login(self.portal_point)
        self.assertNotIn(MARKER, self.url_open(PAGE).text)

    def test_page_and_data_speak_the_language_of_the_user(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.job.type_id.with_context(lang="zh_CN").name = "上门维修"
        for mine, visited in (("zh_CN", "en_US"), ("en_US", "zh_CN")):
            with self.subTest(mine=mine, visited=visited):
                self.portal_point.lang = mine
                self._login(self.portal_point)
                self.opener.cookies.set("frontend_lang", visited)
                page = self.url_open(PAGE)
                # Under its own address, where the worker serves it without a network
                self.assertEqual(page.url, self.base_url() + PAGE)
                self.assertIn(f'lang="{mine.replace("_", "-")}"', page.text)
                order = self._pull()["visits"][0]["order"]
                self.assertEqual(
                    "上门维修" in json.dumps(order, ensure_ascii=False), mine == "zh_CN"
                )

    def test_the_customer_sees_the_code_while_somebody_is_there(self):
        self._login(self.portal_customer)
        code = self.visit._get_confirmation_code()
        self.assertNotIn(code, self.url_open(self.job.access_url).text)
        self.visit.action_on_site()
        self.assertIn(code, self.url_open(self.job.access_url).text)
        self._login(self.portal_point)
        self.assertNotIn(code, json.dumps(self._pull()))


@tagged("post_install", "-at_install", "service_portal_budget")
class TestDayBudget(PortalCommon):
    def test_a_long_day_costs_as_many_queries_as_a_short_one(self):
        self.technician.user_id = self.portal_point
        start = fields.Datetime.now().replace(microsecond=0) + timedelta(minutes=5)

        def plan(count, offset):
            for number in range(offset, offset + count):
                order = self._make_accepted_order(description=f"Job {number}")
                begin = start + timedelta(hours=number)
                order._plan_visit(self.technician, begin, begin + timedelta(minutes=50))

        def cost(count):
            model = self.env["service.visit"].with_user(self.portal_point)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(model._pull_day({})["visits"]), count)
            return self.env.cr.sql_log_count - before

        plan(4, 0)
        cost(4)
        short = cost(4)
        plan(40, 4)
        self.assertLessEqual(cost(44), short)
        self.assertLessEqual(short, 60)
