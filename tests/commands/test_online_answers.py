"""What `lint --online` keeps between runs: where, how long, and for whom."""

import json
import os
import threading
import time

import pytest
from test_online import STEPS, WORLD, calls, found, online, pipeline
from vendor_project import SECRETS

from pipeforge.commands.answers import KEPT, Answers
from pipeforge.language.lock import Parameter, Thing


@pytest.fixture
def there(served):
    return served("online", WORLD)


@pytest.fixture
def folder(tmp_path_factory, monkeypatch):
    """Where answers are kept."""
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    return cache / "pipeforge" / "online"


@pytest.fixture
def project(shell, there, folder):
    shell.write("p.yaml", pipeline(there, list(STEPS)))
    return shell


def aged(folder, seconds):
    """Makes every answer so much older."""
    for file in folder.iterdir():
        held = json.loads(file.read_text())
        file.write_text(json.dumps(held | {"at": held["at"] - seconds}))


def asked(there, do):
    before = len(calls(there))
    done = do()
    return len(calls(there)) - before, done


def test_a_second_look_asks_only_for_what_was_not_there(project, there, folder):
    first, before = asked(there, lambda: online(project))
    aged(folder, 250)
    second, after = asked(there, lambda: online(project))
    assert 0 < second < first
    assert (found(after), after.code) == (found(before), before.code)
    assert "looked up, of which 8 as of 4m ago; --refresh asks again" in after.err
    assert "as of 4m ago; `--refresh` asks again" in after.out
    assert "ago" not in before.text


def test_what_was_missing_is_asked_for_again(shell, there, folder):
    shell.write("p.yaml", pipeline(there, ["gone", "barred", "no_mart"]))
    first, _ = asked(there, lambda: online(shell))
    assert asked(there, lambda: online(shell))[0] == first


@pytest.mark.parametrize("flag", ["--refresh", "--no-cache", "--lock"])
def test_all_is_asked_again_when_somebody_says_so(project, there, folder, flag):
    first, _ = asked(there, lambda: online(project))
    aged(folder, 250)
    second, done = asked(there, lambda: online(project, flag))
    assert (second, "ago" in done.text) == (first, False)


def test_drift_asks_always_and_what_it_hears_is_kept(shell, there, folder):
    shell.write("p.yaml", pipeline(there, ["good", "timed"]))
    online(shell, "--lock")
    aged(folder, 250)
    count, done = asked(there, lambda: shell("drift", "p.yaml"))
    assert (count, done.code) == (2, 0)
    count, done = asked(there, lambda: online(shell))
    assert (count, "as of 1s ago" in done.err or "as of" in done.err) == (0, True)
    assert "4m" not in done.text


def test_answers_are_forgotten_in_time(project, there, folder):
    first, _ = asked(there, lambda: online(project))
    aged(folder, KEPT)
    assert asked(there, lambda: online(project))[0] == first


def test_nothing_is_kept_with_no_cache_nor_of_emulators_in_process(project, folder):
    online(project, "--no-cache")
    online(project, "--emulate")
    assert not folder.exists()


def test_nothing_is_kept_in_a_checkout(project, there, monkeypatch):
    (project.folder / ".git").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(project.folder / "cache"))
    first, _ = asked(there, lambda: online(project))
    assert asked(there, lambda: online(project))[0] == first
    assert not (project.folder / "cache").exists()


def test_only_we_can_read_what_is_kept_and_no_secret_is_in_it(project, folder):
    online(project)
    assert folder.stat().st_mode & 0o777 == 0o700
    files = list(folder.iterdir())
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    texts = [file.name + file.read_text() for file in files]
    assert not [secret for secret in SECRETS.values() for text in texts if secret in text]


def test_another_credential_is_another_question(shell, there, folder, monkeypatch):
    shell.write("p.yaml", pipeline(there, ["good"]))
    online(shell)
    monkeypatch.setenv("TROCCO_API_KEY", "another-key-of-trocco")
    assert asked(there, lambda: online(shell))[0] == 1


def test_another_customer_of_the_same_token_is_another_question(shell, there, folder):
    made = pipeline(there, ["polled", "polled"][:1])
    one = made["connections"].pop("workato")
    made["connections"] = {
        "first": {**one, "managed_user": {"id": 1}},
        "second": {**one, "managed_user": {"id": 2}},
    }
    step = made["steps"].pop("polled")
    made["steps"] = {name: {**step, "connection": name} for name in made["connections"]}
    shell.write("p.yaml", made)
    assert asked(there, lambda: online(shell))[0] == 2


DAMAGE = {
    "empty": b"",
    "half": b'{"at": 1',
    "a list": b"[1]",
    "deep": b"[" * 200_000,
    "of another shape": b'{"at": 9e9, "thing": {"colour": 1}}',
    "from the future": b'{"at": 99999999999, "thing": {"name": "orders"}}',
    "no time": b'{"at": "now", "thing": {}}',
    "not a number": b'{"at": NaN, "thing": {}}',
}


@pytest.mark.parametrize("content", DAMAGE.values(), ids=DAMAGE)
def test_what_is_damaged_is_asked_for_again(shell, there, folder, content):
    shell.write("p.yaml", pipeline(there, ["good"]))
    online(shell)
    (file,) = folder.iterdir()
    file.write_bytes(content)
    assert asked(there, lambda: online(shell))[0] == 1
    assert asked(there, lambda: online(shell))[0] == 0


def test_what_others_could_have_written_is_not_believed(shell, there, folder, tmp_path):
    shell.write("p.yaml", pipeline(there, ["good"]))
    online(shell)
    (file,) = folder.iterdir()
    file.chmod(0o666)
    assert asked(there, lambda: online(shell))[0] == 1
    elsewhere = tmp_path / "elsewhere.json"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)
    assert asked(there, lambda: online(shell))[0] == 1


def test_a_folder_that_cannot_be_written_is_no_trouble(shell, there, folder):
    shell.write("p.yaml", pipeline(there, ["good"]))
    folder.parent.mkdir(parents=True)
    folder.write_text("no folder")
    done = online(shell)
    assert (done.code, done.err) == (0, "")


def test_old_answers_go(folder):
    answers = Answers(folder)
    answers.keep("old", Thing(name="old"))
    os.utime(folder / "old.json", (time.time() - 2 * KEPT,) * 2)
    Answers(folder).keep("new", Thing(name="new"))
    assert [file.name for file in folder.iterdir()] == ["new.json"]


def test_many_at_once_never_read_half_an_answer(folder):
    thing = Thing(name="x" * 20_000, parameters={str(n): Parameter(type="t") for n in range(500)})
    Answers(folder).keep("one", thing)
    wrong = []

    def work():
        mine = Answers(folder)
        for _ in range(50):
            mine.keep("one", thing)
            seen = mine.find("one")
            if seen is None or seen.model_copy(update={"age": ""}) != thing:
                wrong.append(seen)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
