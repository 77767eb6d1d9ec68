"""Commands whose runs are kept in a PostgreSQL database, from the first run to the last resume."""

import subprocess
import sys

import pytest
from command_fixtures import LONG
from postgres_server import IN_URL, PASSWORD, Server, need
from vendor_project import number, pipeline, steps

LACKS = """
import sys
sys.modules["psycopg"] = None
from pipeforge.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def secret(database):
    """The same address with the password in it."""
    return database.replace("@", f":{IN_URL}@")


@pytest.fixture
def own():
    """A server that a test may stop."""
    need()
    server = Server()
    yield server
    server.close()


def one_step(emulators):
    return pipeline({"load": steps(number())["trocco_job"]}, emulators)


def silent(*texts):
    return not any(word in text for text in texts for word in (PASSWORD, IN_URL))


def test_a_run_killed_on_one_machine_is_resumed_on_another(shell, emulators, database, secret):
    shell.write("p.yaml", one_step(emulators))
    running = shell.begin("run", "p.yaml", "--journal", secret, "--log-format", "json", PGPASSWORD="")
    running.until('"step_triggered"')
    told = running.kill().text
    run = shell.runs("--journal", database)[0]["run"]
    emulators.jump(LONG)
    done = shell("resume", run, "--journal", database)
    assert done.code == 0, done.text
    shown = shell("show", run, "--journal", database)
    assert shell.outcomes(run, "--journal", database) == {"load": "succeeded"}
    assert len(emulators.jobs("trocco")) == 1
    assert silent(told, done.text, shown.text)
    assert not (shell.folder / ".pipeforge" / "journal.db").exists()


def test_the_commands_that_are_printed_name_the_database_without_its_password(
    shell, emulators, database, secret
):
    shell.write("p.yaml", one_step(emulators))
    running = shell.begin("run", "p.yaml", "--journal", secret)
    running.until("triggered")
    running.send(15)
    done = running.end()
    run = shell.runs("--journal", database)[0]["run"]
    assert f"pipeforge resume {run} --journal {database}" in done.text
    assert silent(done.text)
    emulators.jump(LONG)
    assert shell("resume", run, "--journal", database).code == 0


def test_a_project_file_names_the_database_once_for_all(shell, emulators, database):
    shell.write("pipeforge.yaml", {"journal": database})
    shell.write("p.yaml", one_step(emulators))
    running = shell.begin("run", "p.yaml")
    running.until("triggered")
    emulators.jump(LONG)
    done = running.end()
    assert done.code == 0, done.text
    (row,) = shell.runs()
    assert row["outcome"] == "succeeded"
    again = shell("run", "p.yaml", "--context-time", shell.shown(row["run"])["context_time"])
    assert (again.code, "already: run" in again.err) == (2, True)


def test_trials_stay_in_their_file(shell, emulators, database):
    shell.write("pipeforge.yaml", {"journal": database})
    shell.write("p.yaml", one_step(emulators))
    assert shell("run", "p.yaml", "--emulate").code == 0
    assert (shell.folder / ".pipeforge" / "emulated.db").is_file()
    assert shell.runs() == []
    assert len(shell.runs("--emulate")) == 1
    refused = shell("run", "p.yaml", "--emulate", "--journal", database)
    assert (refused.code, "--emulate keeps its runs in a file" in refused.err) == (2, True)


def test_nothing_is_triggered_when_the_database_cannot_be_reached(shell, emulators, database):
    shell.write("p.yaml", one_step(emulators))
    done = shell("run", "p.yaml", "--journal", database + "_missing")
    assert done.code == 3
    assert "no such database" in done.err
    assert "help: make it" in done.err
    assert emulators.jobs() == []


def test_a_database_that_goes_away_is_told_of_once_each_way(shell, emulators, own, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    shell.environment["PGPASSWORD"] = PASSWORD
    shell.write("pipeforge.yaml", {"journal": own.url("postgres", password=None)})
    shell.write("p.yaml", pipeline({"load": steps(number())["td_workflow"]}, emulators))
    running = shell.begin("run", "p.yaml")
    running.until("triggered:")
    own.stop()
    emulators.jump(LONG)
    running.until("warning: the journal is away since ")
    own.start()
    done = running.end()
    assert done.code == 0, done.text
    assert done.err.count("the journal is away since") == done.err.count("the journal is back since") == 1


def test_a_password_in_the_project_file_is_refused_and_not_repeated(shell, emulators, secret):
    shell.write("pipeforge.yaml", {"journal": secret})
    shell.write("p.yaml", one_step(emulators))
    for command, code in ((("lint", "p.yaml"), 1), (("run", "p.yaml"), 1), (("runs",), 2)):
        done = shell(*command)
        assert done.code == code, done.text
        assert silent(done.text)
        assert "password in a URL" in done.text or "PGPASSWORD" in done.text
    assert emulators.jobs() == []


def test_what_to_install_is_told_where_the_driver_lacks(shell, database):
    command = [sys.executable, "-c", LACKS, "runs", "--journal", database]
    done = subprocess.run(command, cwd=shell.folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "pip install 'pipeforge[postgres]'" in done.stderr
