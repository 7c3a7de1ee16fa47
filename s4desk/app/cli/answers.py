"""Answers to questions of a verb: typed on a terminal, or the lines of standard input in turn."""

from __future__ import annotations

from s4desk.app.cli import prompt


class Answers:
    """Asks a person who is there; else each question takes the next line, and empty at the end."""

    def __init__(self) -> None:
        self._lines: list[str] | None = None

    async def text(self, question: str) -> str:
        if prompt.is_somebody_there():
            return await prompt.ask(question)
        return await self._next()

    async def secret(self, question: str) -> str:
        if prompt.is_somebody_there():
            return await prompt.ask_secret(question)
        return await self._next()

    async def _next(self) -> str:
        if self._lines is None:
            self._lines = (await prompt.read_input()).splitlines()
        return self._lines.pop(0) if self._lines else ""
