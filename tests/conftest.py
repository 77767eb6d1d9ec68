"""What every test may use: the asyncio backend, and the loop that jumps instead of sleeping.

`pytestmark = [pytest.mark.anyio, pytest.mark.jumping]` runs a module's async tests on the jumping loop;
a test that is not async calls `jumping_loop.run_jumping(coroutine)`.
"""

import os

import pytest
from jumping_loop import JUMPING_BACKEND


def pytest_configure(config):
    os.environ["PIPEFORGE_LANG"] = "en"  # whatever the locale of who runs the tests
    config.addinivalue_line("markers", "jumping: the module's async tests run on a loop that does not sleep")


@pytest.fixture(scope="session", autouse=True)
def caches(tmp_path_factory):
    """What lint keeps goes to a folder of this session: no test finds what another run has left."""
    folder = tmp_path_factory.mktemp("caches")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


@pytest.fixture(scope="module")
def anyio_backend(request):
    return JUMPING_BACKEND if request.node.get_closest_marker("jumping") else "asyncio"
