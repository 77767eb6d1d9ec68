"""The loop that jumps: timers cost nothing, keep their order, and wait for threads."""

import asyncio
import time

import pytest
from jumping_loop import LoopClock, run_jumping

pytestmark = [pytest.mark.anyio, pytest.mark.jumping]


async def test_a_day_passes_at_once():
    clock, began, before = LoopClock(), time.monotonic(), asyncio.get_running_loop().time()
    noon = clock.now()
    await asyncio.sleep(86_400)
    assert asyncio.get_running_loop().time() - before >= 86_400
    assert (clock.now() - noon).total_seconds() >= 86_400
    assert time.monotonic() - began < 5


async def test_timers_keep_their_order():
    woken = []

    async def wake(after):
        await asyncio.sleep(after)
        woken.append(after)

    await asyncio.gather(wake(30), wake(10), wake(20))
    assert woken == [10, 20, 30]


async def test_a_thread_is_waited_for_before_a_jump():
    async with asyncio.timeout(60):
        await asyncio.to_thread(time.sleep, 0.005)


async def test_a_real_socket_answers_before_a_jump():
    async def echo(reader, writer):
        writer.write(await reader.readline())
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server, asyncio.timeout(3600):
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"hello\n")
        assert await reader.readline() == b"hello\n"
        writer.close()


def test_a_plain_test_may_use_it():
    run_jumping(asyncio.sleep(3600))
