"""The result cache under any order of changes: what it gives is always what a check would give now."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeforge.commands.lint_one import checker
from pipeforge.lint.cache import Cache
from pipeforge.lint.shelf import SUFFIX, Room
from pipeforge.lint.stamps import Stamps

STEPS = "steps:\n  a: {uses: trocco.run_job, with: {job_definition_id: 1}, timeout: 1h}\n"
CONNECTED = 'connections: {t: {vendor: trocco, api_key: "${{ secrets.KEY }}"}}\n'
VARIANTS = {
    "one.yaml": (
        "name: one\n" + CONNECTED + STEPS,
        "name: one\n" + STEPS,
        "name: 日本\n" + CONNECTED + STEPS.replace("timeout", "timeot").replace("a:", "夜間:"),
        "name: one\n" + CONNECTED + "records: {r: {file: rec.json}}\n" + STEPS,
        "name: [\n",
        None,
    ),
    "rec.json": ('{"a": {"type": "NUMBER", "value": "1"}}', '{"a": {"type": "NUMBR"}}', "x", None),
    "pipeforge.yaml": (CONNECTED, "lint: {ignore: [PF2]}\n", "unknown: 1\n", None),
}
SETTINGS = ((), "en"), (("PF1",), "en"), ((), "ja")
"""What is left out, and the language."""

WRITES = st.sampled_from(sorted(VARIANTS)).flatmap(
    lambda name: st.tuples(st.just("write"), st.just(name), st.sampled_from(VARIANTS[name]))
)
LOOKS = st.tuples(st.just("look"), st.integers(0, 1), st.integers(0, len(SETTINGS) - 1))
ENDS = st.tuples(st.just("end"), st.integers(0, 1), st.integers(0, len(SETTINGS) - 1))
HARMS = st.tuples(st.just("harm"), st.sampled_from(["cut", "swap", "empty", "gone"]), st.integers(0, 10_000))


@pytest.fixture(params=["read", "stamped"])
def here(request, tmp_path, monkeypatch):
    """A folder in which what files hold is found by reading them, or by their stamps, all of which differ."""
    if request.param == "stamped":
        request.getfixturevalue("believed")
    (tmp_path / "files").mkdir()
    monkeypatch.chdir(tmp_path / "files")
    return tmp_path


def put(folder, name, text):
    path = folder / "files" / name
    if text is None:
        path.unlink(missing_ok=True)
    else:
        path.write_text(text, encoding="utf-8")


def harm(path, how, seed):
    """A file that was cut off, or in which one byte is another."""
    chance, whole = random.Random(seed), bytearray(path.read_bytes())
    if how == "gone":
        path.unlink()
    elif how == "empty" or not whole:  # or harmed already
        path.write_bytes(b"")
    elif how == "cut":
        path.write_bytes(whole[: chance.randrange(len(whole))])
    else:
        whole[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        path.write_bytes(whole)


class Two:
    """Two processes that share a folder of results, each with a cache a setting until it ends.

    A run sees what others read once: after a change other runs begin, beside those that have not ended yet.
    """

    def __init__(self, folder):
        self.room = Room(folder)
        self.held = {}
        self.late = []

    def look(self, process, setting):
        ignore, language = SETTINGS[setting]
        if (process, setting) not in self.held:
            stamps = Stamps(self.room)
            self.held[process, setting] = Cache(self.room, (language, *ignore), stamps), stamps
        cache, _ = self.held[process, setting]
        file = Path("one.yaml")
        now = checker(None, ignore, language)(file)
        kept = cache.find(file)
        if kept is None:
            cache.keep(file, now)
        else:
            assert (kept.diagnostics, dict(kept.texts)) == (now.diagnostics, dict(now.texts))
        return kept is not None

    def change(self, name, text):
        put(Path(self.room.folder).parent, name, text)
        self.late += self.held.items()
        self.held.clear()

    def end(self, process, setting):
        ended = [held for key, held in self.late if key == (process, setting)]
        self.late = [(key, held) for key, held in self.late if key != (process, setting)]
        for cache, stamps in [*ended, *filter(None, [self.held.pop((process, setting), None)])]:
            cache.close()
            stamps.close()


@given(st.lists(st.one_of(WRITES, LOOKS, LOOKS, ENDS, HARMS), max_size=25))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_kept_is_what_a_check_would_give(here, steps):
    for name, variants in VARIANTS.items():
        put(here, name, variants[0])
    two = Two(here / "kept")
    for what, one, other in steps:
        if what == "write":
            two.change(one, other)
        elif what == "harm":
            for path in sorted((here / "kept").glob(f"*{SUFFIX}")):
                harm(path, one, other)
        else:
            getattr(two, what)(one, other)
    for process, setting in [*two.held, *(key for key, _ in two.late)]:
        two.end(process, setting)


def test_what_one_process_kept_another_finds(here):
    for name, variants in VARIANTS.items():
        put(here, name, variants[0])
    two = Two(here / "kept")
    assert not two.look(0, 0)
    assert not two.look(1, 1)
    two.end(0, 0)
    two.end(1, 1)
    assert two.look(1, 0)
    assert two.look(0, 1)
    assert not two.look(0, 2)
