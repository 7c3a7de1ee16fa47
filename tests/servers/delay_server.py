"""The process of the delaying proxy: what comes in at one side leaves at the other, but later."""

from __future__ import annotations

import argparse
import asyncio
from collections import deque

_CHUNK = 256 * 1024
_MOST_HELD = 64 * 1024**2
"""Bytes under way in one direction of a connection: more than any window times delay needs."""


class Way:
    """One direction of one connection."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._delay_s = delay_s
        self._held: deque[tuple[float, bytes]] = deque()
        self._bytes = 0
        self._moved = asyncio.Event()

    async def carry(self) -> None:
        await asyncio.gather(self._take(), self._give())

    async def _take(self) -> None:
        loop = asyncio.get_running_loop()
        data = b"first"
        while data:
            try:
                data = await self._reader.read(_CHUNK)
            except ConnectionError:
                data = b""
            self._held.append((loop.time() + self._delay_s, data))
            self._bytes += len(data)
            self._moved.set()
            while self._bytes > _MOST_HELD:
                self._moved.clear()
                await self._moved.wait()

    async def _give(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            while not self._held:
                self._moved.clear()
                await self._moved.wait()
            due, data = self._held.popleft()
            if (early := due - loop.time()) > 0:
                await asyncio.sleep(early)
            self._bytes -= len(data)
            self._moved.set()
            try:
                if not data:
                    self._writer.write_eof()
                    return
                self._writer.write(data)
                await self._writer.drain()
            except (ConnectionError, OSError):
                return


async def serve(host: str, port: int, rtt_s: float) -> None:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A connection costs one round trip before anything can be said.
        await asyncio.sleep(rtt_s)
        try:
            there, back = await asyncio.open_connection(host, port, limit=_CHUNK)
        except OSError:
            writer.close()
            return
        try:
            await asyncio.gather(
                Way(reader, back, rtt_s / 2).carry(), Way(there, writer, rtt_s / 2).carry()
            )
        finally:
            back.close()
            writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0, limit=_CHUNK)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("rtt_ms", type=float)
    options = parser.parse_args()
    asyncio.run(serve(options.host, options.port, options.rtt_ms / 1000))


if __name__ == "__main__":
    main()
