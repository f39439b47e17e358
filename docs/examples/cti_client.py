"""Reports calls to the service desk, as a telephone system does.

Plain Python, nothing to install. Two ways to use it:

    python cti_client.py --url https://service.example.com --key KEY \\
        --from 13800138000 --extension 201 --talk 5
    python cti_client.py --url ... --key ... --from 13800138000 --extension 201 --miss

plays a whole call, answered or missed. A bridge to a real telephone system makes one
``CtiClient`` and calls ``report`` for each event of its line.
"""

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime

RETRIES = 5


class CtiClient:
    """Sends events, again and again until the server has each of them.

    Repeating is safe: the server knows an event by provider, call and kind.
    """

    def __init__(self, url, key, database=None, provider="example"):
        self.endpoint = url.rstrip("/") + "/service/cti/event"
        self.provider = provider
        self.headers = {
            "Authorization": f"bearer {key}",
            "Content-Type": "application/json",
        }
        if database:
            self.headers["X-Odoo-Database"] = database

    def report(self, call_id, event, **details):
        """The server's answer to one event; raises ``ValueError`` if it is refused."""
        body = {
            "provider": self.provider,
            "call_id": call_id,
            "event": event,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            **details,
        }
        request = urllib.request.Request(
            self.endpoint, json.dumps(body).encode(), self.headers, method="POST"
        )
        for attempt in range(RETRIES):
            try:
                with urllib.request.urlopen(request, timeout=30) as response:
                    return json.load(response)
            except urllib.error.HTTPError as error:
                text = error.read().decode("utf-8", "replace")
                if error.code < 500:
                    raise ValueError(f"{error.code}: {_read_message(text)}") from error
            except (urllib.error.URLError, TimeoutError):
                pass
            time.sleep(2**attempt / 4)
        raise ConnectionError(f"{self.endpoint} does not answer")


def _read_message(text):
    try:
        return json.loads(text)["message"]
    except (ValueError, KeyError, TypeError):
        return text[:200]


def play(client, number, extension, talk, to="", direction="in"):
    """One whole call: ringing, answered, hung up after ``talk`` seconds.

    :param talk: ``None`` for a call that nobody takes
    """
    call_id = str(uuid.uuid4())
    ours = {"extension": extension, "direction": direction}
    ours |= {"from": number, "to": to} if direction == "in" else {"to": number}
    client.report(call_id, "ringing", **ours)
    if talk is None:
        return client.report(call_id, "missed", **ours)
    client.report(call_id, "answered", **ours)
    time.sleep(talk)
    return client.report(call_id, "hung_up", **ours)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--url", required=True)
    parser.add_argument("--key", required=True, help="API key of an interface's user")
    parser.add_argument("--database")
    parser.add_argument("--from", dest="number", required=True)
    parser.add_argument("--to", default="", help="the number that was dialled")
    parser.add_argument("--extension", default="", help="whose telephone rings")
    parser.add_argument("--out", action="store_true", help="we call the customer")
    parser.add_argument("--talk", type=float, default=1.0, help="seconds")
    parser.add_argument("--miss", action="store_true", help="nobody takes the call")
    args = parser.parse_args(argv)
    client = CtiClient(args.url, args.key, args.database)
    answer = play(
        client,
        args.number,
        args.extension,
        None if args.miss else args.talk,
        args.to,
        "out" if args.out else "in",
    )
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
