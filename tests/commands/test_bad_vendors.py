"""Vendors that answer HTML, 401, or nothing at all: the mend is named, and the journal stays whole."""

import socket

import pytest
from vendor_project import VENDOR_OF, number, pipeline, steps

LOOKS = (
    ("trocco", "GET /api/jobs/*"),
    ("treasure", "GET /api/attempts/*"),
    ("workato", "GET */jobs"),
    ("krewdata", "POST */status"),
    ("reckoner", "GET /workflows/*/jobs/*"),
)
"""The calls that look at a job."""


class Silent:
    """Where vendors should be, and nothing answers."""

    def __init__(self, port):
        self._root = f"http://127.0.0.1:{port}"

    def url(self, vendor):
        return self._root


@pytest.fixture
def closed():
    """A port that nobody listens on."""
    with socket.socket() as there:
        there.bind(("127.0.0.1", 0))
        yield Silent(there.getsockname()[1])


@pytest.fixture
def mute():
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as there:
        yield Silent(there.getsockname()[1])


def write(shell, emulators, chosen, timeout="5m"):
    shell.write(
        "p.yaml", pipeline({id_: {**step, "timeout": timeout} for id_, step in chosen.items()}, emulators)
    )


def ran(shell, code):
    """Runs, and checks that it ended as it should and that all of it can be read again."""
    done = shell("run", "p.yaml")
    assert done.code == code, done.text
    assert "Traceback" not in done.text
    assert "internal error" not in done.text
    run = shell.runs()[0]["run"]
    assert shell("show", run).code == 0
    return done, shell.shown(run)


def pages(emulators, vendor):
    """The calls that were answered with an HTML page."""
    return [row for row in emulators.calls(vendor) if row["fault"] == "html"]


def by_vendor(vendor):
    return {id_: step for id_, step in steps(number()).items() if VENDOR_OF[id_] == vendor}


@pytest.mark.parametrize("vendor", sorted(set(VENDOR_OF.values())))
def test_a_refused_credential_fails_the_step_with_the_vendors_words(shell, quick, vendor):
    quick.fault(vendor, route="* *", do="unauthorized")
    write(shell, quick, by_vendor(vendor))
    done, shown = ran(shell, 1)
    for id_, step in shown["steps"].items():
        assert step["outcome"] == "failed", id_
        assert "401" in step["detail"], id_
    if vendor != "krewdata":  # its 401 says what is wrong: the licence
        assert "help: the credential is not accepted" in done.out
    assert quick.jobs() == []


def test_html_in_place_of_looks_is_looked_past(shell, quick):
    """A poll never fails a step."""
    before = {vendor: len(pages(quick, vendor)) for vendor, _ in LOOKS}
    for vendor, route in LOOKS:
        quick.fault(vendor, route=route, do="html", first=1)
    chosen = steps(number())
    del chosen["run_recipe"]
    write(shell, quick, chosen)
    _, shown = ran(shell, 0)
    assert {step["outcome"] for step in shown["steps"].values()} == {"succeeded"}
    assert all(len(pages(quick, vendor)) > before[vendor] for vendor in before)


def test_html_in_place_of_every_look_is_waited_out_and_can_be_resumed(shell, quick):
    quick.fault("krewdata", route="POST */status", do="html")
    write(shell, quick, by_vendor("krewdata"))
    done = shell("run", "p.yaml", "--max-time", "1s")
    assert done.code == 6, done.text
    quick.mend()
    assert shell("resume", shell.runs()[0]["run"]).code == 0
    assert len(quick.jobs()) == 1


@pytest.mark.parametrize(
    ("vendor", "route", "code"),
    [
        ("trocco", "POST *", 4),
        ("treasure", "PUT /api/attempts", 0),
        ("krewdata", "POST */run", 0),
        ("reckoner", "POST */run", 4),
    ],
)
def test_html_in_place_of_the_answer_to_a_start_is_settled_or_told(shell, quick, vendor, route, code):
    """A 502 of something in between; the start never came through. (Workato is asked for 45 seconds.)"""
    quick.fault(vendor, route=route, do="html", first=2)
    write(shell, quick, by_vendor(vendor))
    _, shown = ran(shell, code)
    unknown = [step for step in shown["steps"].values() if step["outcome"] == "unknown"]
    assert bool(unknown) == (code == 4)
    assert all("502" in step["detail"] and step["hint"] for step in unknown)
    assert len(quick.jobs()) == (0 if unknown else 1)


def test_nobody_listens(shell, closed):
    """Certainly nothing was started: tried until the step's timeout, then told with the mend."""
    write(shell, closed, steps(number()), timeout="1s")
    done, shown = ran(shell, 1)
    assert {step["outcome"] for step in shown["steps"].values()} == {"timed_out"}
    assert done.out.count("could not be started within 1s") == len(shown["steps"])
    workflow = shown["steps"]["trocco_workflow"]  # others ask something first, and would ask again for longer
    assert "could not be sent: " in workflow["detail"]
    assert "base_url" in workflow["hint"]


def test_nobody_answers(shell, mute):
    """What only asked before a start has timed out; a start that left and was never answered is unknown."""
    chosen = {id_: steps(number())[id_] for id_ in ("krewdata_unit", "reckoner_workflow", "trocco_workflow")}
    write(shell, mute, chosen, timeout="1s")
    done, shown = ran(shell, 4)
    assert {id_: step["outcome"] for id_, step in shown["steps"].items()} == {
        "krewdata_unit": "timed_out",
        "reckoner_workflow": "timed_out",
        "trocco_workflow": "unknown",
    }
    assert done.out.count("no answer in time") >= 3
    assert "look at the workflow's jobs in trocco" in done.out


def test_a_run_killed_while_nobody_answers_can_be_shown_and_is_not_resumed_elsewhere(shell, mute, quick):
    chosen = {"wf": steps(number())["trocco_workflow"]}
    write(shell, mute, chosen)
    running = shell.begin("run", "p.yaml", "--log-format", "json")
    running.until('"step_intended"')
    running.kill()
    run = shell.runs()[0]["run"]
    shell.write("q.yaml", pipeline(chosen, quick))
    moved = shell("resume", run, "--file", "q.yaml")
    assert moved.code == 2
    assert "has changed since run" in moved.err
    assert shell.shown(run)["steps"]["wf"]["phase"] == "intended"
