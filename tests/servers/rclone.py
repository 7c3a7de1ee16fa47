"""rclone's S3 server over plain files: quick, and odd in all that plain files cannot hold."""

from __future__ import annotations

from tests.servers.endpoint import Endpoint
from tests.servers.process import LOOPBACK, ROOT, ProcessServer, answers_http, free_port

BINARY = ROOT / ".servers" / "rclone" / "bin" / "rclone"
_KEYS = ("AKALICE00000000000001", "alicesecret0000000000000000000000000001")


class Rclone(ProcessServer):
    """`rclone serve s3` on an empty folder. It has neither versions nor conditions."""

    name = "rclone"

    def available(self) -> str | None:
        return None if BINARY.exists() else "not installed in .servers/rclone"

    def start(self) -> Endpoint:
        folder, port = self.folder, free_port()
        root = folder / "root"
        root.mkdir()
        command = [
            *(BINARY, "serve", "s3", "--config", "/dev/null", "--addr", f"{LOOPBACK}:{port}"),
            *("--auth-key", ",".join(_KEYS), "--vfs-cache-mode", "off", "--etag-hash", "MD5"),
            *("--cache-dir", str(folder / "cache"), str(root)),
        ]
        self._run(command, lambda: answers_http(port))
        return Endpoint(self.name, f"http://{LOOPBACK}:{port}", *_KEYS)
