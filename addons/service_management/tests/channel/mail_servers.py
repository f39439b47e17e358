"""A real SMTP server and a real IMAP server on loopback, for the mail gateway's tests.

Mail for the mailbox that comes in by SMTP lies in the IMAP server's Maildir; all other
mail is what went out.
"""

import contextlib
import getpass
import logging
import os
import re
import shutil
import smtplib
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

DOVECOT = "/usr/sbin/dovecot"
PASSWORD = "secret"
PATIENCE = 20
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:{folder}/mail
mailbox_list_index = no
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ImapServer:
    """Dovecot with one Maildir; it does not serve root, who lends it to nobody."""

    def __init__(self):
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="imap-", dir="/tmp"))
        self.maildir = self.folder / "mail"
        for name in ("cur", "new", "tmp"):
            (self.maildir / name).mkdir(parents=True)
        is_root = os.getuid() == 0
        user = "nobody" if is_root else getpass.getuser()
        group = subprocess.check_output(["id", "-gn", user], text=True).strip()
        (self.folder / "dovecot.conf").write_text(
            CONFIG.format(
                folder=self.folder,
                user=user,
                group=group,
                port=self.port,
                password=PASSWORD,
            )
        )
        command = [DOVECOT, "-F", "-c", str(self.folder / "dovecot.conf")]
        if is_root:
            subprocess.check_call(["chown", "-R", user, str(self.folder)])
            command = ["runuser", "-u", user, "--", *command]
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._wait()

    def _wait(self):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe,
            ):
                if probe.recv(4) == b"* OK":
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        log = self.folder / "log"
        text = log.read_text() if log.exists() else "no log"
        self.stop()
        raise AssertionError(f"dovecot did not start: {text}")

    def deliver(self, raw: bytes):
        """As a mail server does: written aside, then moved to where it is seen."""
        name = f"{time.time_ns()}.{os.getpid()}.test"
        path = self.maildir / "tmp" / name
        path.write_bytes(raw)
        path.chmod(0o666)
        path.rename(self.maildir / "new" / name)

    def count_seen(self) -> int:
        return sum("S" in path.name.partition(":2,")[2] for path in self._files())

    def forget_seen(self):
        """All mails are unread again, as after a crash before they were marked."""
        for path in self._files():
            path.rename(self.maildir / "new" / path.name.partition(":2,")[0])

    def _files(self):
        return [*(self.maildir / "cur").iterdir(), *(self.maildir / "new").iterdir()]

    def stop(self):
        # runuser hands the signal on to its child
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)


class _PatientSmtp(SMTP):
    # Senders' programs write lines of any length
    line_length_limit = 1_000_000


class _Controller(Controller):
    def factory(self):
        return _PatientSmtp(self.handler, data_size_limit=None, enable_SMTPUTF8=True)


class SmtpServer:
    """What is sent to ``address`` goes to the IMAP server; the rest is ``sent``."""

    def __init__(self, address: str, imap: ImapServer):
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        self.address = address
        self.imap = imap
        self.sent = []
        self.controller = _Controller(self, hostname="127.0.0.1", port=free_port())
        self.controller.start()
        self.port = self.controller.port

    async def handle_DATA(self, server, session, envelope):
        for address in envelope.rcpt_tos:
            if re.sub(r"\+.*@", "@", address.lower()) == self.address:
                self.imap.deliver(envelope.content)
            else:
                self.sent.append((address, envelope.content))
        return "250 OK"

    def send(self, raws, to: str):
        """Deliver mails from outside, over one connection."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=PATIENCE) as client:
            for raw in raws:
                client.sendmail("outside@elsewhere.example", [to], raw)

    def stop(self):
        self.controller.stop()


class PopServer:
    """As much of POP3 (RFC 1939) as a client needs to empty a mailbox."""

    def __init__(self, mails):
        self.mails = list(mails)
        self.dies_before_quit = False
        outer = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self):
                self._say("+OK ready")
                deleted = set()
                for line in self.rfile:
                    words = line.decode("ascii").split()
                    command = words[0].upper()
                    number = int(words[1]) if words[1:] and words[1].isdigit() else 0
                    if command == "STAT":
                        self._say(f"+OK {len(outer.mails)} 0")
                    elif command == "RETR":
                        self._say("+OK")
                        raw = outer.mails[number - 1]
                        self.wfile.write(re.sub(rb"(?m)^\.", b"..", raw) + b".\r\n")
                    elif command == "QUIT":
                        if not outer.dies_before_quit:
                            outer.mails = [
                                raw
                                for place, raw in enumerate(outer.mails, start=1)
                                if place not in deleted
                            ]
                            self._say("+OK")
                        return
                    else:
                        if command == "DELE":
                            deleted.add(number)
                        self._say("+OK")

            def _say(self, text):
                self.wfile.write(f"{text}\r\n".encode("ascii"))

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
