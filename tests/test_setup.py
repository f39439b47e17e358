"""The set-up says in one sentence what is wrong, and touches nothing else.

The scripts really run, in a copy of the checkout's tooling with its own .run/.
"""

import os
import re
import shutil
import signal
import socket
import subprocess

import pytest
from suite import ROOT, check_log, sh

import junit  # isort: skip  # suite has put dev/ on the path


@pytest.fixture
def checkout(tmp_path):
    folder = tmp_path / "checkout"
    folder.mkdir()
    shutil.copytree(ROOT / "dev", folder / "dev")
    shutil.copy(ROOT / "Makefile", folder)
    return folder


def refusal(done):
    """The sentence of a script that refused, checked to be the only one."""
    assert done.returncode != 0
    sentences = [line for line in done.stderr.splitlines() if "Error: " in line]
    assert len(sentences) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return sentences[0].removeprefix("Error: ")


def test_help_lists_every_target():
    text = sh("make help").stdout
    for target in ("demo", "setup", "stop", "clean", "shell", "update", "logs"):
        assert f"make {target} " in text
    for target in ("test", "lint", "bench", "journey"):
        assert f"make {target} " in text


@pytest.fixture
def busy_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_busy_port_is_said_before_anything_is_made(checkout, busy_port):
    done = sh(f"make demo PORT={busy_port}", cwd=checkout)
    assert f"port {busy_port} is in use" in refusal(done)
    assert not (checkout / ".run/odoo").exists()


@pytest.mark.parametrize("port", ["0", "70000", "http"])
def test_a_port_must_be_a_number(checkout, port):
    assert "is not a port number" in refusal(sh("dev/demo.sh", cwd=checkout, PORT=port))


def test_a_database_name_is_checked(checkout):
    done = sh("dev/demo.sh", cwd=checkout, DB="a; drop")
    assert "is not a name for a database" in refusal(done)


def test_own_odoo_must_be_there(checkout):
    done = sh("make demo ODOO=/nowhere/odoo-bin PORT=8975", cwd=checkout)
    assert "ODOO=/nowhere/odoo-bin is not a file" in refusal(done)


def test_own_odoo_must_be_version_19(checkout):
    binary = checkout / "odoo-bin"
    binary.write_text("#!/usr/bin/env python3\nprint('Odoo Server 18.0')\n")
    script = f"ODOO={binary}; source dev/setup.sh; check_own_odoo"
    assert "these addons need Odoo 19" in refusal(sh(script, cwd=checkout))
    binary.write_text("#!/usr/bin/env python3\nprint('Odoo Server 19.0')\n")
    assert sh(script, cwd=checkout).returncode == 0


def test_a_folder_that_postgres_may_not_enter(checkout):
    # pytest's folders are closed to others; what PostgreSQL runs as is stood in
    # for where the tests do not run as root.
    script = (
        "source dev/setup.sh; mkdir -p $RUN; as_pg() { false; }; check_cluster_place"
    )
    if os.geteuid() == 0:
        script = "dev/setup.sh"
    sentence = refusal(sh(script, cwd=checkout))
    assert "may not enter" in sentence
    assert not (checkout / ".run/pg").exists()


def test_a_cluster_of_another_user(checkout):
    (checkout / ".run/pg").mkdir(parents=True)
    script = "source dev/setup.sh; pg_user() { echo somebody; }; check_cluster_place"
    assert "belongs to the user" in refusal(sh(script, cwd=checkout))


def test_missing_sudo_names_the_command(checkout):
    fake = checkout / "bin"
    fake.mkdir()
    for tool in ("bash", "dirname", "sha256sum", "cut", "mkdir"):
        (fake / tool).symlink_to(shutil.which(tool))
    (fake / "id").write_text("#!/bin/sh\necho 1000\n")
    (fake / "id").chmod(0o755)
    done = sh("source dev/lib.sh; as_root apt-get update", cwd=checkout, PATH=str(fake))
    sentence = refusal(done)
    assert "root or sudo" in sentence
    assert sentence.endswith("apt-get update")


def test_a_mirror_without_unstable(checkout):
    done = sh(
        "source dev/lib.sh; source dev/debian.sh; sid_update",
        cwd=checkout,
        DEBIAN_MIRROR="file:/nowhere/debian",
        XDG_CACHE_HOME=str(checkout / "cache"),
    )
    sentence = refusal(done)
    assert "has no suite 'sid'" in sentence
    assert "DEBIAN_MIRROR=" in sentence


def test_a_package_with_another_sum_is_refused(checkout):
    cache = checkout / "cache"
    file = (ROOT / "dev/debs.sha256").read_text().split()[1]
    (cache / "service-suite/debs").mkdir(parents=True)
    (cache / "service-suite/debs" / file).write_text("not a package")
    done = sh(
        f"source dev/setup.sh; cd $CACHE/debs; check_deb '{file}'",
        cwd=checkout,
        XDG_CACHE_HOME=str(cache),
    )
    assert "recorded sha256" in refusal(done)


def test_a_long_path_gets_a_short_socket_folder(tmp_path):
    folder = tmp_path / ("long" * 25)
    shutil.copytree(ROOT / "dev", folder / "dev")
    socket_folder = sh("source dev/lib.sh; echo $PGHOST", cwd=folder).stdout.strip()
    assert len(socket_folder) <= 85
    assert socket_folder.startswith("/tmp/service-suite-")


def test_stop_ends_no_process_but_its_own(checkout):
    other = subprocess.Popen(["sleep", "60"])
    try:
        servers = checkout / ".run/servers"
        servers.mkdir(parents=True)
        (servers / "8069").write_text(f"{other.pid} service\n")
        assert sh("make stop", cwd=checkout).returncode == 0
        assert other.poll() is None
        assert not (servers / "8069").exists()
    finally:
        other.send_signal(signal.SIGKILL)
        other.wait()


def test_journey_needs_a_file(checkout):
    assert "make journey DATA=" in refusal(sh("make journey", cwd=checkout))
    done = sh("make journey DATA=none.csv", cwd=checkout)
    assert "cannot be read" in refusal(done)


def test_every_printed_login_is_in_the_demonstration_data():
    lines = (ROOT / "dev/logins.txt").read_text().splitlines()
    printed = {line.split()[0] for line in lines if not line.startswith("#")}
    demo = "\n".join(
        path.read_text(encoding="utf-8") for path in ROOT.glob("addons/*/demo/**/*.xml")
    )
    given = set(re.findall(r'<field name="login">([^<]+)</field>', demo))
    assert printed - {"admin"} <= given


# --- what judges the logs and the results -----------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "2026-01-01 00:00:00,000 1 WARNING db odoo.orm: no access rule",
        "2026-01-01 00:00:00,000 1 ERROR db odoo.sql_db: bad query",
        "Traceback (most recent call last):",
        "<string>:38: (ERROR/3) Unexpected indentation.",
    ],
)
def test_a_warning_in_the_log_is_found(line):
    assert list(check_log.complaints([line + "\n"])) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "2026-01-01 00:00:00,000 1 INFO db odoo.modules: WARNING is only a word",
        "2026-01-01 00:00:00,000 1 WARNING db py.warnings: PyPDF2 is deprecated.",
    ],
)
def test_other_lines_are_not(line):
    assert list(check_log.complaints([line])) == []


def report(path, *cases):
    body = "".join(
        f'<testcase classname="a" name="b">{case}</testcase>' for case in cases
    )
    path.write_text(f"<testsuites><testsuite>{body}</testsuite></testsuites>")
    return str(path)


def test_the_summary_adds_up_all_runs(tmp_path, capsys):
    one = report(tmp_path / "1.xml", "", "", '<skipped message="no shared data"/>')
    two = report(tmp_path / "2.xml", "", "<failure/>", "<error/>")
    assert junit.main([one]) == 0
    assert junit.main([one, two]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "3 passed, 2 failed, 1 skipped"


def test_a_browser_test_skipped_is_a_failure(tmp_path, capsys):
    skip = '<skipped message="Chrome executable not found"/>'
    assert junit.main([report(tmp_path / "1.xml", "", skip)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 1 failed, 0 skipped"


def test_no_test_at_all_is_a_failure(tmp_path):
    assert junit.main([report(tmp_path / "1.xml")]) == 1
