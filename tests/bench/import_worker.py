"""Part of `make bench ONLY=import`, fed to Odoo's shell: WORKER=make leaves an import
with its file cut into parts; _cron_run and _cron_help are the scheduled actions that
work on them, and print when they began and ended, and what is registered then."""

import os
import sys
import time

from odoo.fields import Domain

sys.path.insert(0, os.environ["BENCH_DIR"])
from bench_assets import start_import  # noqa: E402

worker = os.environ["WORKER"]
env = env  # noqa: F821, PLW0127  # Odoo's shell gives the environment
if worker == "make":
    record, __ = start_import(env)
    # The first part reads the file: here apart, its time is in the other benchmark
    reading = record.sudo().chunk_ids
    reading._queue_process()
    reading.queue_state = "done"
else:
    chunks = env["service.asset.import.chunk"]
    began = time.time()
    getattr(chunks, worker)()
    ended = time.time()
    made = sum(chunks.search(Domain.TRUE).mapped("created_count"))
    print(began, ended, made)
env.cr.commit()
