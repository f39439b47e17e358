"""Sends one signed call, and never into the network behind the server.

The name is resolved once, all its addresses are looked at, and the call goes to an
address that was looked at: a name that is resolved differently a moment later leads
nowhere. Redirections are not followed.
"""

import contextlib
import socket
import threading

import urllib3
from requests.certs import where

from odoo.addons.service_management.engine.webhook import is_public, split_url

CONNECT_SECONDS = 5
READ_SECONDS = 10
# All of an answer, or one that trickles in would hold up the queue for hours.
TOTAL_SECONDS = 15
# As much of an answer as a person wants to see.
ANSWER_BYTES = 500


class RefusedAddress(Exception):
    """The host is of the network behind the server."""


def post(url: str, body: bytes, headers: dict, allowed_hosts=()) -> tuple[int, str]:
    """``(status, beginning of the answer)`` of one POST.

    :param allowed_hosts: hosts that may be private; ``*`` for every one
    :raises RefusedAddress: the host is not to be called
    :raises OSError, urllib3.exceptions.HTTPError: nobody answered
    """
    scheme, host, port = split_url(url)
    address = _resolve(host, port, allowed_hosts)
    options = {
        "timeout": urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        "retries": False,
        "maxsize": 1,
    }
    if scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            address,
            port,
            server_hostname=host,
            assert_hostname=host,
            cert_reqs="CERT_REQUIRED",
            ca_certs=where(),
            **options,
        )
    else:
        pool = urllib3.HTTPConnectionPool(address, port, **options)
    timer = _hang_up_late(pool)
    target = urllib3.util.parse_url(url.strip())
    named = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}[scheme]
    try:
        response = pool.urlopen(
            "POST",
            target.request_uri,
            body=body,
            headers={
                **headers,
                "Host": named if port == default else f"{named}:{port}",
            },
            redirect=False,
            assert_same_host=False,
            preload_content=False,
        )
        try:
            answer = response.read(ANSWER_BYTES)
            return response.status, answer.decode("utf-8", "replace")
        finally:
            response.close()
    finally:
        timer.cancel()
        pool.close()


def _hang_up_late(pool):
    """End the calls of ``pool`` after ``TOTAL_SECONDS``, whatever was heard by then."""
    sockets, make_connection = [], pool._new_conn

    def new_connection():
        connection = make_connection()
        connect = connection.connect

        def remember():
            connect()
            sockets.append(connection.sock)

        connection.connect = remember
        return connection

    def hang_up():
        for sock in sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    pool._new_conn = new_connection
    timer = threading.Timer(TOTAL_SECONDS, hang_up)
    timer.daemon = True
    timer.start()
    return timer


def _resolve(host: str, port: int, allowed_hosts) -> str:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [entry[4][0] for entry in found]
    if not {"*", host} & set(allowed_hosts):
        private = [address for address in addresses if not is_public(address)]
        if private:
            raise RefusedAddress(private[0])
    return addresses[0]
