"""How the tests reach the checkout's scripts, databases and Odoo."""

import functools
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "dev"))
import check_log  # noqa: E402

ADDONS = ("service_management", "service_portal", "service_settlement")


def sh(script, *, cwd=ROOT, **env):
    """Run a bash script; the result has returncode, stdout and stderr."""
    return subprocess.run(
        ["bash", "-c", script],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


@functools.cache
def setting(name):
    """A variable of dev/lib.sh."""
    return sh(f'source dev/lib.sh && printf %s "${name}"').stdout


@functools.cache
def prepare():
    """Odoo, the cluster and the template of the dependencies are there."""
    done = sh("dev/setup.sh")
    assert done.returncode == 0, done.stderr


def query(database, sql, user="odoo"):
    """Rows of an SQL query, as tuples of texts."""
    done = subprocess.run(
        ["psql", "-XAtq", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-d", database],
        input=sql,
        env={**os.environ, "PGHOST": setting("PGHOST"), "PGUSER": user},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return [tuple(line.split("\x1f")) for line in done.stdout.splitlines()]


def copy_database(template, name):
    drop_database(name)
    query("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def drop_database(name):
    # As the superuser: only that may end an autovacuum worker in the database.
    drop = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
    query("postgres", drop, user="postgres")


def start_shell(database, script):
    """Odoo's shell on ``script`` as a process that a test may kill; in a group of its
    own, its complaints on ``stderr``."""
    process = subprocess.Popen(
        [
            setting("ODOO_PYTHON"),
            setting("ODOO_BIN"),
            "shell",
            *("-c", setting("CONF"), "-d", database, "--no-http"),
            f"--addons-path={setting('ADDONS_PATH')}",
        ],
        cwd=ROOT,
        env={**os.environ, "ODOO_RC": setting("CONF")},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    process.stdin.write(script)
    process.stdin.close()
    process.stdin = None  # communicate() would flush it
    return process


def odoo(*arguments, script=None, known=None):
    """Run Odoo to its end and return its log; it must end well, without warnings.

    :param known: a pattern of lines that are no complaint about us
    """
    with tempfile.NamedTemporaryFile("w+", suffix=".log") as log:
        done = subprocess.run(
            [ROOT / "dev/bin/odoo", *arguments, "--no-http", f"--logfile={log.name}"],
            input=script or "",
            capture_output=True,
            text=True,
        )
        text = Path(log.name).read_text(encoding="utf-8")
        assert done.returncode == 0, (text + done.stdout + done.stderr)[-4000:]
    complaints = [
        line
        for line in check_log.complaints(text.splitlines())
        if not (known and re.search(known, line))
    ]
    assert complaints == []
    assert "demo data failed to install" not in text, text[-4000:]
    return text + done.stdout
