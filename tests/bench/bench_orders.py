"""The way of an order, in batches and one by one, against two floors of this run."""

from datetime import timedelta

from odoo import fields

from odoo.addons.service_management.models.dispatch.service_order import VisitPlan

BATCH = 400
SINGLE = 40


def bench_floors(env):
    "Floor: bare rows, rows with messages"
    order = _make_world(env)["order"]
    env["service.order.event"].search([], limit=1)
    yield
    env["service.order.event"].sudo().create(
        [{"order_id": order.id, "kind": "message"} for __ in range(BATCH)]
    )
    yield BATCH, "floor: rows of a bare model, one batch"
    env["service.contract"].create(
        [
            {
                "name": "Floor",
                "code": f"FLOOR{number}",
                "partner_id": order.partner_id.id,
                "date_end": "2099-01-01",
            }
            for number in range(BATCH)
        ]
    )
    yield BATCH, "floor: rows of a model with messages, one batch"


def bench_order(env):
    "Orders"
    world = _make_world(env)
    Order = env["service.order"]
    yield
    for number in range(SINGLE):
        Order._create_from_channel([_request(world, f"single-{number}")])
        env.flush_all()
    yield SINGLE, "order created and registered, one by one"
    orders = Order._create_from_channel(
        [_request(world, f"batch-{number}") for number in range(BATCH)]
    )
    yield BATCH, "order created and registered, one batch"
    orders._rank_candidates()
    yield BATCH, "order ranked among 20 points"
    orders._dispatch()
    yield BATCH, "order ranked and offered"
    offers = orders.offer_ids
    offers.action_accept()
    yield BATCH, "offer accepted"
    start = fields.Datetime.now()
    visits = Order._create_visits(
        [
            VisitPlan(
                order,
                order.point_id.technician_ids[:1],
                start + timedelta(hours=number),
                start + timedelta(hours=number + 1),
            )
            for number, order in enumerate(orders)
        ]
    )
    yield BATCH, "visit planned"
    visits.action_done({"outcome": "fixed"})
    yield BATCH, "visit finished, order done"
    orders.action_close()
    yield BATCH, "order closed"
    Order.search([], limit=80).mapped("display_name")
    yield 1, "list of 80 orders read"


def _request(world, key):
    return {
        "channel": "api",
        "source_key": key,
        "partner_id": world["partner"].id,
        "asset_id": world["asset"].id,
        "type_id": world["type"].id,
        "description": "It does not spin.",
    }


def _make_world(env):
    """Twenty points with a technician each, one customer with an asset."""
    area = env["service.area"].create(
        {
            "name": "Bench City",
            "code": "BENCH",
            "level": "city",
            "country_id": env.ref("base.cn").id,
        }
    )
    service_type = env["service.type"].create({"name": "Bench", "code": "bench"})
    partner = env["res.partner"].create(
        {"name": "Bench Customer", "service_area_id": area.id}
    )
    product = env["product.product"].create(
        {"name": "Bench Washer", "service_warranty_labour": 12}
    )
    asset = env["service.asset"].create(
        {
            "partner_id": partner.id,
            "product_id": product.id,
            "purchase_date": fields.Date.today(),
        }
    )
    for number in range(20):
        point = env["service.point"].create(
            {
                "name": f"Bench Point {number}",
                "code": f"BENCH{number}",
                "partner_id": env["res.partner"].create({"name": f"Bench {number}"}).id,
            }
        )
        env["service.coverage"].create({"point_id": point.id, "area_id": area.id})
        env["service.technician"].create(
            {
                "name": f"Bench {number}",
                "point_id": point.id,
                "resource_calendar_id": False,
            }
        )
    order = env["service.order"].create({"partner_id": partner.id})
    return {
        "area": area,
        "asset": asset,
        "order": order,
        "partner": partner,
        "type": service_type,
    }
