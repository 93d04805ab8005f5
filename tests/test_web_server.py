"""The server itself: its end cuts answers short, a taken port is said."""

import asyncio
import http.client
from collections.abc import AsyncIterator
from contextlib import ExitStack

import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from ganvas.errors import GanvasError
from ganvas.web.server import Address, Server
from tests.web_helpers import TOKEN, serving, token_of


def wait_for_ever(request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"begun\n"
        await asyncio.Event().wait()

    return StreamingResponse(parts())


def break_at_the_end(request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"begun\n"
        while not request.app.state.is_closing():
            await asyncio.sleep(0)
        raise RuntimeError("broken at the end")

    return StreamingResponse(parts())


def test_that_the_end_cuts_an_answer_short_is_no_news_but_what_breaks_then_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    routes = [Route("/waits", wait_for_ever), Route("/breaks", break_at_the_end)]
    with ExitStack() as stack, serving(routes) as client:
        for path in ("/waits", "/breaks"):
            connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=30)
            stack.callback(connection.close)
            connection.request("GET", path, headers={"Cookie": client.cookie})
            assert connection.getresponse().readline() == b"begun\n"
    errors = [record.exc_info[1] for record in caplog.records if record.exc_info]
    assert [str(error) for error in errors] == ["broken at the end"]
    assert len(caplog.records) == 1


def test_a_taken_port_is_said_and_a_default_one_passed_over() -> None:
    taken = Server([], Address(port=0))
    with pytest.raises(GanvasError, match=rf"port {taken.port} of 127\.0\.0\.1 is taken"):
        Server([], Address(port=taken.port))
    taken.close()
    first, second = Server([], Address()), Server([], Address())
    assert first.port != second.port
    assert token_of(first.url) != token_of(second.url)
    first.close()
    second.close()


def test_a_host_that_is_not_here_is_said() -> None:
    with pytest.raises(GanvasError, match=r"cannot listen at no-such-host\.invalid"):
        Server([], Address(host="no-such-host.invalid", token=TOKEN))
