"""moto's S3: light and quick; it accepts what it should refuse, so it is never the only proof."""

from __future__ import annotations

import importlib.util

from tests.servers.endpoint import Endpoint
from tests.servers.process import LOOPBACK, ProcessServer


class Moto(ProcessServer):
    """moto in a process of its own; any keys are accepted, all state is gone on stop."""

    name = "moto"

    def available(self) -> str | None:
        for module in ("moto", "flask", "flask_cors"):
            if importlib.util.find_spec(module) is None:
                return f"not installed: the Python package {module}"
        return None

    def start(self) -> Endpoint:
        url = f"http://{LOOPBACK}:{self._run_and_read_port(__name__)}"
        return Endpoint(self.name, url, "test", "test", access_key2="test2", secret_key2="test2")


def serve() -> None:
    """Answer requests until the process is ended; prints the port first."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class QuietHandler(WSGIRequestHandler):
        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing about each request."""

    app = DomainDispatcherApplication(create_backend_app)
    server = make_server(LOOPBACK, 0, app, threaded=True, request_handler=QuietHandler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve()
