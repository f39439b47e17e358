"""Settling with the chart of accounts of China, which the template does not have."""

import os
import subprocess

import pytest
from suite import ROOT, copy_database, drop_database, odoo, setting, sh

CHARTS = "addons/service_settlement/tests/test_charts.py"


@pytest.fixture
def database():
    template = sh("dev/template.sh").stdout.strip()
    assert template
    name = f"localisation_{os.getpid()}"
    copy_database(template, name)
    yield name
    drop_database(name)


def test_month_is_settled_with_the_chart_of_china(database):
    odoo("-d", database, "-i", "l10n_cn", "--stop-after-init")
    done = subprocess.run(
        [
            setting("ODOO_PYTHON"),
            *("-m", "pytest", "-q", f"--odoo-database={database}", CHARTS),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "ODOO_RC": setting("CONF"),
            "PGHOST": setting("PGHOST"),
        },
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert "2 passed" in done.stdout
