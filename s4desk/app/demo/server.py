"""The demo server's process: `python -m s4desk.app.demo.server`.

Announces itself with one line of JSON on stdout and ends when its stdin ends, which is when the
parent closes the pipe, exits, crashes or is killed.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import secrets
import signal
import sys
import threading
from datetime import UTC, datetime
from typing import Any, Final

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import s3_backends
from werkzeug.serving import BaseWSGIServer, make_server

from s4desk.app.demo import seed
from s4desk.app.demo.application import DemoApplication
from s4desk.app.demo.keepalive import KeepAliveRequests

REGION: Final = "us-east-1"


def main() -> None:
    """Serve until stdin ends."""
    # Ctrl-C in a terminal goes to the whole group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="end with parent", daemon=True).start()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)

    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    access_key, secret_key = "DEMO" + secrets.token_hex(8).upper(), secrets.token_hex(20)
    filled = threading.Event()
    application = DemoApplication(
        DomainDispatcherApplication(_plain_backend_app),
        backend,
        access_key,
        late={seed.MANY: filled},
    )
    now = datetime.now(UTC)
    seed.fill_small_buckets(backend, now)
    server = make_server(
        "127.0.0.1", 0, application, threaded=True, request_handler=KeepAliveRequests
    )
    threading.Thread(target=_fill_many, args=(backend, now, filled), daemon=True).start()
    _announce(server, access_key, secret_key)
    server.serve_forever()


def _plain_backend_app(name: Any) -> Any:
    """moto's Flask application; its own faults are answered with 500."""
    app = create_backend_app(name)
    app.debug = False
    return app


def _fill_many(backend: Any, now: datetime, filled: threading.Event) -> None:
    try:
        seed.fill_many(backend, now)
        # A listing makes enough tuples to start a full collection over all that was just stored.
        gc.freeze()
    finally:
        filled.set()


def _announce(server: BaseWSGIServer, access_key: str, secret_key: str) -> None:
    announcement = {
        "url": f"http://127.0.0.1:{server.port}",
        "access_key": access_key,
        "secret_key": secret_key,
        "region": REGION,
    }
    sys.stdout.write(json.dumps(announcement) + "\n")
    sys.stdout.flush()
    # moto prints now and then; nobody reads the pipe any more, and a full one would block.
    sys.stdout = sys.stderr


def _end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
