"""No secret of any connection is found in what a run leaves behind: files, output, journal and its log."""

import base64
import json
import re
from urllib.parse import quote, quote_plus

import pytest
from vendor_project import SECRETS, VENDOR_OF, number, pipeline, steps

from pipeforge.adapters.krewdata.sealing import Seal

KEY_PART = SECRETS["TD_API_KEY"].partition("/")[2]
REFUSALS = {
    "trocco": ("* *", "unauthorized", {"error": "the key {TROCCO_API_KEY} is not known"}),
    "treasure": ("* *", "unauthorized", {"message": "TD1 {TD_API_KEY} rejected ({part})", "status": 401}),
    "workato": ("* *", "unauthorized", {"message": "Bearer {WORKATO_API_TOKEN}: unauthorized"}),
    "krewdata": (
        "* *",
        "unauthorized",
        {
            "code": 401,
            "status": "Unauthorized",
            "description": "no licence {KREWDATA_SERIAL} for {KREWDATA_UNIT}",
        },
    ),
    "reckoner": (
        "* *",
        "unauthorized",
        {"error": {"code": "UNAUTHORIZED", "message": "{RECKONER_ACCESS_TOKEN} or {RECKONER_REFRESH_TOKEN}"}},
    ),
}
"""By vendor, a refusal whose body echoes the credential."""


def forms(secret):
    """A secret as it is, and as it travels."""
    raw = secret.encode()
    yield secret
    for encoded in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield encoded
        yield re.sub("%..", lambda match: match[0].lower(), encoded)
    yield json.dumps(secret)[1:-1]
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for lead in range(3):
            # without the characters at the ends that what stands around the secret takes part in
            yield encode(b"\0" * lead + raw).decode()[4 if lead else 0 : -4]


def found(shell, said, secrets):
    """Where which secret is, in what form."""
    texts = {"output": "\n".join(said).encode()}
    for path in shell.folder.rglob("*"):
        if path.is_file():
            texts[str(path.relative_to(shell.folder))] = path.read_bytes()
    return [
        (place, name, form)
        for place, text in texts.items()
        for name, secret in secrets.items()
        for form in forms(secret)
        if form.encode() in text
    ]


def told(shell):
    """All that the reading commands say of the pipeline and of every run."""
    said = [shell("runs").text, shell("runs", "--format", "json").text, shell("graph", "p.yaml").text]
    said += [shell("plan", "p.yaml", "--format", way).text for way in ("text", "json", "markdown")]
    said += [
        shell("show", run["run"], "--format", way).text
        for run in shell.runs()
        for way in ("text", "json", "jsonl")
    ]
    return said


def sealed_tokens(shell):
    return {
        event["handle"]["token"]
        for run in shell.runs()
        for event in map(json.loads, shell("show", run["run"], "--format", "jsonl").out.splitlines())
        if event["type"] == "step_triggered" and "task_id" in event["handle"]
    }


def test_the_search_finds_what_is_there(shell):
    """The grep itself: planted in each form, a secret is found."""
    for secret in SECRETS.values():
        raw = b"user:" + secret.encode()
        for planted in (
            secret.encode(),
            quote(secret).encode(),
            base64.b64encode(raw),
            base64.b64encode(raw[5:]),
        ):
            shell.folder.joinpath("planted").write_bytes(b"before " + planted + b" after")
            assert found(shell, [], {"it": secret}), planted


def test_a_run_over_all_vendors_leaves_no_secret(shell, quick):
    shell.write("p.yaml", pipeline(steps(number()), quick))
    done = shell("run", "p.yaml", "--log-format", "json")
    assert done.code == 0, done.text
    (sealed,) = sealed_tokens(shell)
    token = Seal(SECRETS["KREWDATA_SERIAL"]).open(sealed)
    assert found(shell, [done.text, *told(shell)], {**SECRETS, "part": KEY_PART, "token": token}) == []


def test_a_killed_run_leaves_no_secret_in_the_write_ahead_log(shell, emulators):
    shell.write("p.yaml", pipeline(steps(number()), emulators))
    running = shell.begin("run", "p.yaml")
    running.until(" triggered", times=len(VENDOR_OF))
    done = running.kill()
    assert shell.folder.joinpath(".pipeforge/journal.db-wal").stat().st_size > 0
    assert found(shell, [done.text], {**SECRETS, "part": KEY_PART}) == []


@pytest.mark.parametrize("vendor", REFUSALS)
def test_a_vendor_that_echoes_the_credential_is_masked(shell, quick, vendor):
    route, do, body = REFUSALS[vendor]
    echo = json.loads(json.dumps(body).replace("{part}", KEY_PART))
    for name, secret in SECRETS.items():
        echo = json.loads(json.dumps(echo).replace(f"{{{name}}}", secret))
    quick.fault(vendor, route=route, do=do, body=echo)
    chosen = {id_: step for id_, step in steps(number()).items() if VENDOR_OF[id_] == vendor}
    shell.write("p.yaml", pipeline(chosen, quick))
    done = shell("run", "p.yaml")
    assert done.code == 1, done.text
    assert "***" in done.out
    assert found(shell, [done.text, *told(shell)], {**SECRETS, "part": KEY_PART}) == []


def test_what_a_job_says_is_masked(shell, quick):
    """A credential in a job's name, parameters, error text or status word."""
    echoes = (
        ("trocco", "GET /api/jobs/*", {"status": SECRETS["TROCCO_API_KEY"]}),
        ("trocco", "GET /api/pipeline_jobs/*", {"name": f"x {SECRETS['TROCCO_API_KEY']} y"}),
        ("treasure", "GET /api/attempts/*", {"params": {"echo": SECRETS["TD_API_KEY"], KEY_PART: "key"}}),
        ("workato", "GET */jobs/*", {"status": "failed", "error": SECRETS["WORKATO_API_TOKEN"]}),
        ("krewdata", "POST */status", {"flowName": SECRETS["KREWDATA_SERIAL"]}),
        (
            "reckoner",
            "GET */jobs/*",
            {"status": "FAILED", "errors": [{"message": f"no {SECRETS['RECKONER_REFRESH_TOKEN']}"}]},
        ),
    )
    for vendor, route, values in echoes:
        quick.fault(vendor, route=route, do="rewrite", values=values)
    chosen = steps(number())
    chosen["trocco_job"]["timeout"] = "1s"  # its word is never a last one
    del chosen["run_recipe"]
    shell.write("p.yaml", pipeline(chosen, quick))
    done = shell("run", "p.yaml")
    assert done.code == 1, done.text
    assert done.text.count("***") >= 3
    assert found(shell, [done.text, *told(shell)], {**SECRETS, "part": KEY_PART}) == []


def test_lint_does_not_show_the_credential_it_finds_written_out(shell, quick):
    text = pipeline(steps(number()), quick).replace("${{ secrets.TD_API_KEY }}", SECRETS["TD_API_KEY"])
    shell.write("p.yaml", text)
    for way in ("full", "concise", "json"):
        done = shell("lint", "p.yaml", "--format", way)
        assert done.code == 1
        assert KEY_PART not in done.text
    assert KEY_PART not in shell("run", "p.yaml").text


def test_a_credential_with_a_line_break_is_refused_without_being_shown(shell, quick, monkeypatch):
    monkeypatch.setenv("TROCCO_API_KEY", "half-a-key\nother-half")
    shell.write("p.yaml", pipeline({"a": steps(number())["trocco_job"]}, quick))
    done = shell("run", "p.yaml")
    assert done.code == 2
    assert "line break" in done.err
    assert "half" not in done.text
