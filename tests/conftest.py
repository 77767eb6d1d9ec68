"""What every test may use: the asyncio backend, and the loop that jumps instead of sleeping.

`pytestmark = [pytest.mark.anyio, pytest.mark.jumping]` runs a module's async tests on the jumping loop;
a test that is not async calls `jumping_loop.run_jumping(coroutine)`.
"""

import pytest
from jumping_loop import JUMPING_BACKEND


def pytest_configure(config):
    config.addinivalue_line("markers", "jumping: the module's async tests run on a loop that does not sleep")


@pytest.fixture(scope="module")
def anyio_backend(request):
    return JUMPING_BACKEND if request.node.get_closest_marker("jumping") else "asyncio"
