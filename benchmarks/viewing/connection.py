"""A kept-alive HTTP/1.1 connection that posts JSON: a thousand of them cost next to nothing."""

import asyncio
import gzip
from typing import Any

import orjson


class AnswerFailed(Exception):
    """The server answered with another status than 200; the message says with which."""


class Connection:
    """For one task at a time. Connects when it is needed."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: object) -> tuple[dict[str, Any], int]:
        """The JSON answer, and its length in bytes as it was sent. Raises AnswerFailed, OSError, EOFError."""
        try:
            return await self._post(path, orjson.dumps(body))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Closes it; the next question opens another."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _post(self, path: str, body: bytes) -> tuple[dict[str, Any], int]:
        reader, writer = self._streams or await asyncio.open_connection(self._host, self._port)
        self._streams = reader, writer
        writer.write(
            f"POST {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            "Accept-Encoding: gzip\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        sent = await reader.readexactly(int(_header(head, "content-length")))
        answer = gzip.decompress(sent) if _header(head, "content-encoding", "") == "gzip" else sent
        status = head.split(" ", 2)[1]
        if status != "200":
            raise AnswerFailed(f"HTTP {status}: {answer[:200].decode(errors='replace')}")
        return orjson.loads(answer), len(sent)


def _header(head: str, wanted: str, otherwise: str | None = None) -> str:
    for line in head.split("\r\n")[1:]:
        name, _, value = line.partition(":")
        if name.lower() == wanted:
            return value.strip()
    if otherwise is None:
        raise AnswerFailed(f"an answer without {wanted}")
    return otherwise
