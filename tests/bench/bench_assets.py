"""The installed base by file: 400,000 assets of 10,000 customers."""

import base64
import io
import os
import random
import time
from datetime import date, timedelta

from meter import Meter

ROWS = int(os.environ.get("BENCH_ASSETS", "400000"))
CUSTOMERS = 10_000
PRODUCTS = 40
DAYS = 1200


def start_import(env):
    """An import of ``ROWS`` assets whose file has not been read; its lines."""
    chance = random.Random(11)
    category = env["product.category"].create({"name": "Bench Appliances"})
    env["product.product"].create(
        [
            {
                "name": f"Bench Appliance {number}",
                "default_code": f"BENCH-{number}",
                "type": "consu",
                "categ_id": category.id,
                "service_warranty_labour": 12,
                "service_warranty_parts": 36,
                "service_warranty_travel": 12,
            }
            for number in range(PRODUCTS)
        ]
    )
    env["res.partner"].with_context(tracking_disable=True).create(
        [
            {"name": f"Bench {number}", "ref": f"BENCH{number}"}
            for number in range(CUSTOMERS)
        ]
    )
    lines = ["Product,Serial Number,Customer Ref,Place,Purchase Date,Install Date"]
    first = date(2023, 1, 1)
    for number in range(ROWS):
        bought = first + timedelta(days=chance.randrange(DAYS))
        installed = bought + timedelta(days=chance.randrange(1, 15))
        lines.append(
            f"BENCH-{chance.randrange(PRODUCTS)},SN{number:09d},"
            f"BENCH{chance.randrange(CUSTOMERS)},Floor {number % 30},"
            f"{bought},{installed}"
        )
    record = env["service.asset.import"].create(
        {
            "file": base64.b64encode("\n".join(lines).encode()),
            "file_name": "assets.csv",
        }
    )
    record.action_read()
    record.action_start()
    env.flush_all()
    return record, lines


def bench_assets(env):
    "Assets"
    record, lines = start_import(env)
    reading = record.sudo().chunk_ids
    # The floor: the same rows, copied into a table with the same columns and no
    # index, key or promise
    env.cr.execute(
        "CREATE TEMPORARY TABLE bench_raw (product text, serial text, customer text, "
        "place text, bought date, installed date) ON COMMIT DROP"
    )
    text = io.StringIO("\n".join(lines[1:]) + "\n")
    with Meter(env) as raw:
        env.cr.copy_expert("COPY bench_raw FROM STDIN WITH (FORMAT csv)", text)
    yield
    yield ROWS, "row copied as it is, the floor", *raw.figures
    with Meter(env) as cut:
        reading._queue_process()
    reading.queue_state = "done"
    yield ROWS, "row read and cut into parts", *cut.figures
    chunks = record.sudo().chunk_ids - reading
    seconds = queries = used = 0
    for chunk in chunks:
        started = time.perf_counter()
        with Meter(env) as meter:
            chunk._queue_process()
        env.invalidate_all()
        seconds += time.perf_counter() - started
        queries, used = queries + meter.queries, used + meter.cpu
    label = "asset registered with terms, owner and indexes"
    yield sum(chunks.mapped("created_count")), label, seconds, queries, used
    total = seconds + cut.seconds
    print(
        f"Assets: {ROWS / total:,.0f} rows/s from file to registered asset, "
        f"{total / raw.seconds:.0f} times the floor; "
        f"{sum(chunks.mapped('refused_count'))} refused"
    )
