"""LocalStack's S3: the modern API (checksums, trailers, conditions), no check of signatures."""

from __future__ import annotations

import os

from tests.servers.endpoint import Endpoint
from tests.servers.process import LOOPBACK, ROOT, ProcessServer, answers_http, free_port

VENV = ROOT / ".servers" / "localstack"


class LocalStack(ProcessServer):
    """LocalStack in host mode, from its own virtual environment with Python 3.13.

    Any keys, region and clock are accepted; presigned URLs are verified.
    """

    name = "localstack"

    def available(self) -> str | None:
        return None if (VENV / ".installed").exists() else "not installed in .servers/localstack"

    def start(self) -> Endpoint:
        folder, port = self.folder, free_port()
        environment = {
            "GATEWAY_LISTEN": f"{LOOPBACK}:{port}",
            "LOCALSTACK_HOST": f"localhost:{port}",
            "SERVICES": "s3,sts,iam",
            "STRICT_SERVICE_LOADING": "1",
            "EAGER_SERVICE_LOADING": "1",
            "S3_SKIP_SIGNATURE_VALIDATION": "0",
            # Nothing of it may reach for the network.
            "DISABLE_EVENTS": "1",
            "SKIP_SSL_CERT_DOWNLOAD": "1",
            "DNS_ADDRESS": "0",
            "LS_LOG": "warn",
            "FILESYSTEM_ROOT": str(folder / "root"),
            "HOME": str(folder),
            "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}",
        }
        self._run(
            [VENV / "bin" / "python", "-m", "localstack.runtime.main"],
            lambda: answers_http(port, "/_localstack/health"),
            environment,
        )
        url = f"http://{LOOPBACK}:{port}"
        return Endpoint(self.name, url, "test", "test", access_key2="test2", secret_key2="test2")
