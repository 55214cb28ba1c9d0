"""What stands between an agent and its intake: a network, a proxy or a TLS server that fails as told."""
import asyncio
import contextlib
import socket
import ssl
import struct
import threading
import time
import warnings
from dataclasses import dataclass

from processes import free_port


@dataclass(frozen=True)
class Way:
    """What becomes of a connection; without a word, everything passes."""
    # Bytes from the agent, and from the intake, after which the connection is reset.
    cut_after: int | None = None
    cut_answer_after: int | None = None
    # Bytes a second that pass in each direction.
    rate: int | None = None
    answer_rate: int | None = None
    # What comes is read, and nothing ever answers.
    swallows: bool = False
    # The bytes that answer each request, of which the intake hears nothing.
    answer: bytes | None = None


THROUGH = Way()


class Relay:
    """Passes connections on to the intake at port `target`. A connection goes the `way` that holds when it comes.

    With `tls`, a server's `ssl.SSLContext`, it speaks TLS with the agent.
    """

    def __init__(self, target, way=THROUGH, tls=None):
        self.target, self.way, self.port = target, way, free_port()
        # Connections that came, TLS and all, and what was said in them; the path and time of requests that got an `answer`.
        self.connections, self.bytes_said, self.answered = 0, 0, []
        self._ends = set()
        self._loop = asyncio.new_event_loop()
        # Handshakes that fail are what some tests are about.
        self._loop.set_exception_handler(lambda *_: None)
        self._server = self._loop.run_until_complete(
            asyncio.start_server(self._connection, "127.0.0.1", self.port, ssl=tls, limit=1 << 16))
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        assert not self._thread.is_alive(), "the relay hangs"
        self._loop.run_until_complete(self._end())
        self._loop.close()

    async def _end(self):
        self._server.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def turn(self, way):
        """From now on connections go another way, and those that there are are reset."""
        async def change():
            self.way = way
            for end in self._ends:
                _reset(end)
        asyncio.run_coroutine_threadsafe(change(), self._loop).result(10)

    async def _connection(self, reader, writer):
        way, ends = self.way, [writer]
        self.connections += 1
        self._ends.add(writer)
        try:
            if way.answer is not None:
                return await self._answer(reader, writer, way.answer)
            if way.swallows:
                return await self._pass(reader, None, way.rate, None)
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.target)
            ends.append(up_writer)
            self._ends.add(up_writer)
            both = [asyncio.ensure_future(self._pass(reader, up_writer, way.rate, way.cut_after)),
                    asyncio.ensure_future(self._pass(up_reader, writer, way.answer_rate, way.cut_answer_after, says=False))]
            done, pending = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            for one in pending:
                one.cancel()
            if any(one.exception() is None and one.result() for one in done):
                for end in ends:
                    _reset(end)
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            self._ends.difference_update(ends)
            for end in ends:
                end.close()

    async def _pass(self, reader, writer, rate, bytes_max, says=True):
        """Passes bytes on until their end; the agent `says` them. True when so many have come that the connection is to be
        cut."""
        passed = 0
        while True:
            size = 1 << 16 if rate is None else max(1, rate // 20)
            if bytes_max is not None:
                size = min(size, bytes_max - passed)
            if size == 0:
                return True
            piece = await reader.read(size)
            if not piece:
                return False
            if says:
                self.bytes_said += len(piece)
            if writer:
                writer.write(piece)
                await writer.drain()
            passed += len(piece)
            if rate is not None:
                await asyncio.sleep(len(piece) / rate)

    async def _answer(self, reader, writer, answer):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n")
                          if line.lower().startswith(b"content-length:"))
            await reader.readexactly(length)
            self.answered.append((head.split(b" ")[1].decode(), time.monotonic()))
            writer.write(answer)
            await writer.drain()


def _reset(writer):
    """Makes the end of a connection a reset instead of an orderly one."""
    # It may be closed already.
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def server(certificate, key, oldest=ssl.TLSVersion.TLSv1_2, newest=ssl.TLSVersion.TLSv1_3):
    """The context of a server with this certificate that speaks these versions of TLS, however old."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    # Below level 1 OpenSSL does not sign as TLS 1.1 has to.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = oldest, newest
    return context
