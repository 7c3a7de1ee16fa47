"""A virtual X display with a window manager, for windows that real input goes to."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tests.servers.process import Child, Scratch, first_line, wait_until

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = ("Xvfb", "openbox", "xdotool")
_SCREEN = ("-screen", "0", "1600x1000x24", "-dpi", "96", "-nolisten", "tcp", "-noreset")


class XDisplay:
    """Xvfb on a display number it found free, managed by openbox."""

    name = "x11"

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._scratch: Scratch | None = None

    def available(self) -> str | None:
        missing = [command for command in COMMANDS if shutil.which(command) is None]
        return f"not installed: {', '.join(missing)}" if missing else None

    def start(self) -> str:
        """Start and return the value for DISPLAY; raises ServerError."""
        self._scratch = Scratch(self.name)
        folder = self.folder
        number, managed = folder / "number", folder / "managed"
        try:
            with number.open("w") as sink:
                descriptor = sink.fileno()
                server = self._spawn(
                    ["Xvfb", "-displayfd", str(descriptor), *_SCREEN], pass_fds=(descriptor,)
                )
            wait_until(lambda: first_line(number).isdigit(), server)
            display = f":{first_line(number)}"
            # The start-up command runs when the window manager is ready to manage.
            manager = self._spawn(
                ["openbox", "--sm-disable", "--startup", f"/bin/touch {managed}"],
                env={"DISPLAY": display, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
            )
            wait_until(managed.exists, manager)
        except BaseException:
            self.stop()
            raise
        return display

    def stop(self) -> None:
        for child in reversed(self._children):
            child.stop()
        self._children.clear()
        if self._scratch is not None:
            self._scratch.remove()
            self._scratch = None

    @property
    def pids(self) -> list[int]:
        return [child.pid for child in self._children]

    @property
    def folder(self) -> Path:
        """The folder of the logs; raises RuntimeError when stopped."""
        if self._scratch is None:
            raise RuntimeError("the display is not running")
        return self._scratch.path

    def _spawn(
        self,
        command: list[str],
        env: dict[str, str] | None = None,
        pass_fds: tuple[int, ...] = (),
    ) -> Child:
        log = self.folder / f"{command[0]}.log"
        child = Child(command, log=log, cwd=self.folder, env=env, pass_fds=pass_fds)
        self._children.append(child)
        return child
