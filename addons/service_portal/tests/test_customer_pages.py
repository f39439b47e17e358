from odoo.tests import tagged

from .common import MARKER, PortalCommon, picture


@tagged("post_install", "-at_install")
class TestCustomerPages(PortalCommon):
    def test_home_counts_only_own_requests_and_assets(self):
        self._plant_order()
        self._login(self.portal_customer)
        counters = ["service_order_count", "service_asset_count"]
        values = self.make_jsonrpc_request("/my/counters", {"counters": counters})
        self.assertEqual(values, {"service_order_count": 1, "service_asset_count": 1})
        self._login(self.foreigner)
        values = self.make_jsonrpc_request("/my/counters", {"counters": counters})
        self.assertEqual(values, {"service_order_count": 0, "service_asset_count": 0})

    def test_home_shows_cards_of_the_role(self):
        self._login(self.portal_customer)
        page = self.url_open("/my").text
        self.assertIn("/my/service/orders", page)
        self.assertNotIn("/my/service/jobs", page)
        self._login(self.portal_point)
        page = self.url_open("/my").text
        self.assertIn("/my/service/jobs", page)
        self.assertIn("/my/service/offers", page)

    def test_list_filters_searches_and_sorts(self):
        opened = self._plant_order()
        closed = self._plant_order()
        closed._cancel_by_customer("No longer needed")
        self._login(self.portal_customer)
        page = self.url_open("/my/service/orders").text
        self.assertIn(opened.name, page)
        self.assertIn(closed.name, page)
        page = self.url_open("/my/service/orders?filterby=open").text
        self.assertIn(opened.name, page)
        self.assertNotIn(closed.name, page)
        page = self.url_open("/my/service/orders?filterby=closed&sortby=name").text
        self.assertNotIn(opened.name, page)
        self.assertIn(closed.name, page)
        page = self.url_open(f"/my/service/orders?search={opened.name}").text
        self.assertIn(f"/my/service/orders/{opened.id}", page)
        self.assertNotIn(f"/my/service/orders/{closed.id}", page)
        # What no filter knows is taken as not asked for
        response = self.url_open("/my/service/orders?filterby=x&sortby=id;--&page=-1")
        self.assertEqual(response.status_code, 200)

    def test_list_pages_through_many_requests(self):
        for _number in range(25):
            self._make_order()
        self._login(self.portal_customer)
        page = self.url_open("/my/service/orders").text
        self.assertEqual(page.count("list-group-item-action"), 20)
        page = self.url_open("/my/service/orders/page/2").text
        self.assertEqual(page.count("list-group-item-action"), 5)

    def test_page_shows_request_timeline_and_appointment(self):
        order = self._plant_job()
        self._plan(order)
        self._login(self.portal_customer)
        page = self.url_open(order.access_url).text
        for expected in (
            f"{MARKER} description",
            f"{MARKER} message",
            f"{MARKER} time",
            "We have received your request.",
            "An appointment was made.",
            "Appointment made",
            self.technician.name,
        ):
            self.assertIn(expected, page)
        for hidden in (f"{MARKER} internal", f"{MARKER} staff only", "candidate"):
            self.assertNotIn(hidden, page)
        photo = self._photo_of(order)
        response = self.url_open(f"{order.access_url}/photos/{photo.id}")
        self.assertEqual(response.headers["Content-Type"], "image/jpeg")
        self.assertEqual(
            response.headers["Content-Security-Policy"], "default-src 'none'"
        )

    def test_colleague_sees_the_same_request(self):
        order = self._plant_order()
        self._login(self.colleague)
        self.assertIn(f"{MARKER} description", self.url_open(order.access_url).text)

    def test_draft_is_not_shown(self):
        order = self._make_order(register=False)
        self._login(self.portal_customer)
        self._assert_turned_away(self.url_open(order.access_url))

    def test_foreign_and_missing_get_the_same_answer(self):
        order = self._plant_order()
        photo = self._photo_of(order)
        self._login(self.foreigner)
        for path in ("", "/photos/%s"):
            answers = [
                self.url_open(
                    f"/my/service/orders/{order_id}" + (path and path % photo.id),
                    allow_redirects=False,
                )
                for order_id in (order.id, 10**9, 10**30)
            ]
            self.assertEqual(
                len({(a.status_code, a.headers.get("Location")) for a in answers}), 1
            )

    def test_message_with_photo_appears_on_the_timeline(self):
        order = self._plant_order()
        self._login(self.portal_customer)
        response = self._post(
            f"{order.access_url}/message",
            {"body": "Gate code 4711 <script>alert(1)</script>"},
            files=[("photos", ("door.png", picture("PNG"), "image/png"))],
        )
        self.assertIn("Your message was sent.", response.text)
        self.assertIn("Gate code 4711", response.text)
        self.assertNotIn("<script>alert(1)", response.text)
        message = order._get_public_messages()[0]
        self.assertEqual(message.author_id, self.portal_customer.partner_id)
        self.assertEqual(message.attachment_ids.mimetype, "image/jpeg")
        self.assertIn("message", order.event_ids.mapped("kind"))

    def test_message_needs_text_or_photo(self):
        order = self._plant_order()
        before = len(order._get_public_messages())
        self._login(self.portal_customer)
        response = self._post(f"{order.access_url}/message", {"body": "  "})
        self.assertIn("Message is missing", response.text)
        self.assertEqual(len(order._get_public_messages()), before)

    def test_other_time_moves_nothing_but_tells_the_desk(self):
        order = self._plant_job()
        visit = self._plan(order)
        planned = visit.planned_start
        self._login(self.portal_customer)
        response = self._post(f"{order.access_url}/reschedule", {"preferred": "Friday"})
        self.assertIn("Your wish was passed on.", response.text)
        self.assertEqual(visit.planned_start, planned)
        self.assertEqual(order.state, "scheduled")
        self.assertIn("reschedule_asked", order.event_ids.mapped("kind"))
        self.assertEqual(order.activity_ids.user_id, self.agent)

    def test_cancel_only_before_an_appointment(self):
        order = self._plant_order()
        job = self._plant_job()
        self._plan(job)
        self._login(self.portal_customer)
        self._post(f"{order.access_url}/cancel", {"reason": "Bought a new one"})
        self.assertEqual(order.state, "cancelled")
        response = self._post(f"{job.access_url}/cancel")
        self.assertIn("An appointment has been made already.", response.text)
        self.assertEqual(job.state, "scheduled")

    def test_confirm_closes_finished_work_once(self):
        order = self._plant_job()
        self._plan(order).action_done({"outcome": "fixed", "report": "New pump"})
        self._login(self.portal_customer)
        page = self.url_open(order.access_url).text
        self.assertIn("Yes, all is well", page)
        self.assertIn("New pump", page)
        self._post(f"{order.access_url}/confirm")
        self.assertEqual(order.state, "closed")
        self._post(f"{order.access_url}/confirm")
        self.assertEqual(order.event_ids.mapped("kind").count("confirmed"), 1)

    def test_closed_request_takes_no_message(self):
        order = self._plant_order()
        order._cancel_by_customer()
        self._login(self.portal_customer)
        response = self._post(f"{order.access_url}/message", {"body": "Hello?"})
        self.assertIn("This request is closed.", response.text)

    def test_posts_need_the_csrf_token(self):
        order = self._plant_order()
        self._login(self.portal_customer)
        for action in ("message", "reschedule", "cancel", "confirm"):
            response = self.url_open(
                f"{order.access_url}/{action}", data={"body": "x", "preferred": "x"}
            )
            self.assertEqual(response.status_code, 400, action)
        self.assertEqual(order.state, "new")

    def test_get_changes_nothing_L7(self):
        order = self._plant_order()
        self._login(self.portal_customer)
        for action in ("message", "reschedule", "cancel", "confirm"):
            response = self.url_open(
                f"{order.access_url}/{action}", allow_redirects=False
            )
            self.assertEqual(response.status_code, 303, action)
            self.assertURLEqual(response.headers["Location"], order.access_url)
        self.assertEqual(order.state, "new")

    def test_address_of_a_form_leads_to_the_page_it_stands_on(self):
        self._login(self.portal_customer)
        page = self.url_open("/my/service/point/closure/remove", allow_redirects=False)
        self.assertURLEqual(page.headers["Location"], "/my/service/point/closure")
        # Pages of others are left as they are
        self.assertEqual(self.url_open("/my/address/submit").status_code, 405)

    def test_words_of_scripts_reach_the_portal(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"].search(
            [("name", "in", ["service_management", "service_portal"])]
        )._update_translations("zh_CN")
        answer = self.url_open("/website/translations?lang=zh_CN")
        words = {
            message["id"]: message["string"]
            for module in answer.json()["modules"].values()
            for message in module["messages"]
        }
        self.assertEqual(words.get("Take a Photo"), "拍照")

    def test_pages_need_sign_in_even_with_a_token(self):
        order = self._plant_order()
        token = order._portal_ensure_token()
        self.authenticate(None, None)
        response = self.url_open(f"{order.access_url}?access_token={token}")
        self.assertIn("/web/login", response.url)
        self.assertNotIn(MARKER, response.text)

    def test_asset_pages_show_warranty(self):
        self._login(self.portal_customer)
        page = self.url_open("/my/service/assets").text
        self.assertIn(self.asset.serial, page)
        page = self.url_open(f"/my/service/assets/{self.asset.id}").text
        self.assertIn("Labour", page)
        # Of many of a kind the customer tells which by where it stands
        self.asset.place = "Room 1203"
        for url in (
            f"/my/service/assets/{self.asset.id}",
            "/my/service/assets?search=1203&search_in=all",
            "/my/service/orders/new",
        ):
            self.assertIn("Room 1203", self.url_open(url).text, url)
        self.assertNotIn(f"{MARKER} note", page)
        self._login(self.foreigner)
        self._assert_turned_away(self.url_open(f"/my/service/assets/{self.asset.id}"))

    def test_the_customer_reads_who_pays_and_why(self):
        exclusion = self.env.ref("service_management.warranty_exclusion_misuse")
        template = self.env["service.warranty.template"].create(
            {
                "name": "Terms",
                "exclusion_ids": exclusion.ids,
                "line_ids": [
                    (0, 0, {"kind": kind, "months": 24}) for kind in ("labour", "parts")
                ],
            }
        )
        product = self.env["product.product"].create(
            {
                "name": "Paid",
                "type": "consu",
                "service_warranty_template_id": template.id,
            }
        )
        asset = self.asset.copy({"product_id": product.id, "serial": "PAYS-1"})
        order = self._make_order(asset_id=asset.id)
        self._login(self.portal_customer)
        page = self.url_open(order.access_url).text
        self.assertIn("Paid by the warranty", page)
        self.assertIn("At your expense", page)
        order.warranty_exclusion_ids = exclusion
        page = self.url_open(order.access_url).text
        self.assertNotIn("Paid by the warranty", page)
        self.assertIn("a use that the instructions do not allow", page)
