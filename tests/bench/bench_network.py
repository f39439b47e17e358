"""The network at full size: areas of a country, 660 points with 20,000 rows."""

import base64
import os
import random
from pathlib import Path

from odoo.addons.service_management.models.network.service_coverage import CoverageJob

POINTS = 660
ROWS = 20000
JOBS = 4000
SHAPES = 400  # rows each of postcodes, radii and drawn areas
ADDRESSES = 2000
FILES = {
    "province_file": "provinces.csv",
    "city_file": "cities.csv",
    "district_file": "areas.csv",
    "street_file": "streets.csv",
}


def bench_areas(env):
    "Areas"
    shared = os.environ.get("SERVICE_SHARED_DATA") or Path(
        os.environ["BENCH_DIR"], "../../../shared/data"
    )
    folder = Path(shared, "geo", "china-division")
    if not folder.exists():
        print(f"Areas: the files are missing ({folder}); set SERVICE_SHARED_DATA")
        return
    china = env.ref("base.cn")
    files = {
        name: base64.b64encode((folder / file_name).read_bytes())
        for name, file_name in FILES.items()
    }
    imports = [
        env["service.area.import"].create({"country_id": china.id, **files})
        for _number in range(2)
    ]
    yield
    imports[0].action_import()
    yield imports[0].created, "area imported"
    imports[1].action_import()
    yield imports[1].unchanged, "area imported again, unchanged"
    streets = env["service.area"].search([("level", "=", "street")], limit=ADDRESSES)
    addresses = [
        {"country": china, "text": f"{street.display_name.replace(' / ', '')}12号"}
        for street in streets
    ]
    yield len(addresses), "address written from an area"
    env["service.area"]._find_many(addresses)
    yield len(addresses), "area found from the text of an address"


def bench_coverage(env):
    "Coverage"
    chance = random.Random(7)
    country = env.ref("base.cn")
    root = env.ref("service_management.category_service")
    partner = env["res.partner"].create({"name": "Network"})
    areas = env["service.area"].create(
        [{"name": f"District {n}", "country_id": country.id} for n in range(ROWS // 50)]
    )
    types = env["service.type"].search([])
    categories = env["product.category"].search([("id", "child_of", root.id)])
    yield
    points = env["service.point"].create(
        [
            {"name": f"Point {n}", "code": f"BENCH{n}", "partner_id": partner.id}
            for n in range(POINTS)
        ]
    )
    yield POINTS, "point created with its location"
    env["service.coverage"].create(
        [
            {
                "point_id": chance.choice(points.ids),
                "area_id": chance.choice(areas.ids),
                "type_ids": chance.sample(types.ids, 3),
                "category_ids": chance.sample(categories.ids, 3),
                "priority": chance.randint(1, 20),
            }
            for _number in range(ROWS)
        ]
    )
    yield ROWS, "coverage row created"
    env["service.coverage"].create(
        [
            {
                "point_id": chance.choice(points.ids),
                "type_ids": chance.sample(types.ids, 3),
                "priority": chance.randint(1, 20),
                "is_exclusion": chance.random() < 0.1,
                **_make_place(chance, kind),
            }
            for kind in ("zip", "radius", "polygon")
            for _number in range(SHAPES)
        ]
    )
    yield 3 * SHAPES, "row of postcodes, a radius or a drawn area created"
    jobs = [
        CoverageJob(
            chance.choice(areas),
            chance.choice(types),
            chance.choice(categories),
            zip=f"{chance.randint(100000, 999999)}",
            position=(chance.uniform(22, 32), chance.uniform(112, 122)),
        )
        for _number in range(JOBS)
    ]
    env.flush_all()
    env.invalidate_all()
    yield JOBS, "job made up"
    env["service.coverage"]._find_covering(jobs)
    yield JOBS, f"covering points of a job among {ROWS + 3 * SHAPES} rows of four kinds"


def _make_place(chance, kind) -> dict:
    """A place in a square of ten degrees, of some tens of kilometres."""
    lat, lng = chance.uniform(22, 32), chance.uniform(112, 122)
    if kind == "zip":
        return {
            "kind": kind,
            "zips": f"{chance.randint(100, 999)}",
            "country_id": False,
        }
    if kind == "radius":
        return {
            "kind": kind,
            "radius_km": chance.uniform(5, 60),
            "is_own_position": True,
            "latitude": lat,
            "longitude": lng,
        }
    corners = [(0, 0), (0.1, 0.3), (0.4, 0.4), (0.5, 0.1), (0.2, -0.2)]
    return {"kind": kind, "outline": [[lat + x, lng + y] for x, y in corners]}
