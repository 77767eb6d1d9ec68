"""Credentials in files are found wherever they stand, and never shown in what is told of them."""

import pytest

from pipeforge.lint.tokens import hidden, passwords_in_urls, tokens
from pipeforge.reports.diagnostics import full

PIPELINE = """\
name: p
connections:
  t: {vendor: trocco, api_key: "${{ secrets.KEY }}"}
  td: {vendor: treasure, region: aws, api_key: "${{ secrets.TD }}"}
steps:
  a: {uses: trocco.run_job, with: {job_definition_id: 1}}
  b: {uses: treasure.run_workflow, with: {project: p, workflow: w, session_time: "${{ context_time }}"}}
"""
LETTERS = "Zq7" * 30
KEYS = {
    "aws": "AKIA" + "Q7RCY2M4W5TTXLNA",
    "github": "ghp_" + LETTERS[:36],
    "fine-grained": "github_pat_" + LETTERS[:60],
    "slack": "xoxb-" + "123456789012-" + LETTERS[:24],
    "webhook": "https://hooks.slack.com/services/T01234567/B01234567/" + LETTERS[:24],
    "google": "AIza" + LETTERS[:35],
    "web token": f"eyJ{LETTERS[:20]}.eyJ{LETTERS[:30]}.{LETTERS[:40]}",
    "bearer": "Bearer " + LETTERS[:40],
    "trocco": "tra_" + LETTERS[:40],
    "reckoner": "pat_" + LETTERS[:40],
    "treasure": "1234/" + "0123456789abcdef" * 2 + "01234567",
    "stripe": "sk_live_" + LETTERS[:24],
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("where", ["comment", "parameter", "description"])
def test_a_key_is_found_and_not_shown(lint, key, where):
    lines = {
        "comment": f"# {key}\n{PIPELINE}",
        "parameter": PIPELINE.replace("}}\n  b:", f', custom_variables: {{$x$: "{key}"}}}}}}\n  b:'),
        "description": PIPELINE.replace("steps:", f'description: "{key}"\nsteps:'),
    }
    text = lines[where]
    report = lint(text)
    assert [one.code for one in report.diagnostics] == ["PF521"]
    span = report.diagnostics[0].span
    assert text.splitlines()[span.line - 1][span.column - 1 : span.end_column - 1] == key
    shown = str(lint(text).diagnostics)
    assert key not in shown
    assert key not in "".join(report.texts.values())


def test_a_private_key_is_found(lint):
    block = "# -----BEGIN RSA PRIVATE KEY-----\n" + PIPELINE
    assert [one.code for one in lint(block).diagnostics] == ["PF521"]


def test_a_password_in_a_url_is_found_and_not_shown(lint):
    text = PIPELINE.replace("steps:", 'description: "see https://batch:hunter2@example.com/x"\nsteps:')
    report = lint(text)
    assert [one.code for one in report.diagnostics] == ["PF521"]
    assert "hunter2" not in full(report.diagnostics, report.texts)


def test_of_a_credential_in_a_connection_only_its_own_rule_speaks(lint):
    text = PIPELINE.replace("${{ secrets.KEY }}", KEYS["trocco"])
    report = lint(text)
    assert [one.code for one in report.diagnostics] == ["PF501"]
    assert KEYS["trocco"] not in full(report.diagnostics, report.texts)


def test_credentials_in_an_address_are_told_once_and_not_shown(lint):
    text = PIPELINE.replace("vendor: trocco,", 'vendor: trocco, base_url: "https://me:hunter2@trocco.io",')
    report = lint(text)
    assert [one.code for one in report.diagnostics] == ["PF414"]
    assert "hunter2" not in full(report.diagnostics, report.texts)


NO_KEYS = [
    "AKIAIOSFODNN7EXAMPLE",
    "pat_daily_customer_records_2024",
    "https://github.com/a/b/commit/0123456789abcdef0123456789abcdef01234567",
    "orders/0123456789abcdef0123456789abcdef01234567",
    "https://batch:${{ secrets.X }}@example.com",
    "https://user@example.com:8080/path",
    "Bearer of good news and of many others",
    "ssh://git@example.com:22/a",
    "sk-learn-is-a-library-for-machine-learning-in-python",
]


@pytest.mark.parametrize("text", NO_KEYS)
def test_what_only_looks_like_one_is_left_alone(text):
    assert [*tokens(text), *passwords_in_urls(text)] == []
    assert hidden(text) == text


PLACEHOLDERS = [
    "changeme",
    "CHANGE_ME",
    "xxx",
    "XXXXXXXX",
    "<api-key>",
    "your-api-key",
    "password",
    "TODO",
    "...",
]


@pytest.mark.parametrize("value", PLACEHOLDERS)
def test_a_placeholder_is_told_as_one(lint, value):
    report = lint(PIPELINE.replace("${{ secrets.KEY }}", value))
    assert [one.code for one in report.diagnostics if one.code in ("PF501", "PF522")] == ["PF522"]


def test_a_default_of_a_secret_is_found_and_not_shown(lint):
    report = lint(PIPELINE.replace("secrets.KEY }}", "secrets.KEY | default('hunter2') }}"))
    assert [one.code for one in report.diagnostics] == ["PF526"]
    assert "hunter2" not in full(report.diagnostics, report.texts)


NAMED = {
    "parameter": (
        "b: {uses: treasure.run_workflow, with: {",
        "params: {mail: {smtp_password: hunter2}}, ",
        ["PF524"],
    ),
    "variable of trocco": (
        "a: {uses: trocco.run_job, with: {",
        "custom_variables: {$api_key$: hunter2}, ",
        ["PF524"],
    ),
    "name of one": ("b: {uses: treasure.run_workflow, with: {", "params: {api_key: TD_SECRET_NAME}, ", []),
    "switch": ("b: {uses: treasure.run_workflow, with: {", "params: {password: true}, ", []),
    "empty": ("b: {uses: treasure.run_workflow, with: {", 'params: {password: ""}, ', []),
    "template": ("b: {uses: treasure.run_workflow, with: {", 'params: {password: "${{ run.id }}"}, ', []),
}


@pytest.mark.parametrize(("before", "given", "codes"), NAMED.values(), ids=NAMED)
def test_parameters_called_a_password(lint, before, given, codes):
    report = lint(PIPELINE.replace(before, before + given))
    assert [one.code for one in report.diagnostics] == codes
    assert "hunter2" not in full(report.diagnostics, report.texts)


def test_the_default_of_a_variable_called_a_password(lint):
    text = PIPELINE.replace(
        "steps:", "custom_variables:\n  db_password: {type: string, default: hunter2}\nsteps:"
    )
    report = lint(text.replace("workflow: w", "workflow: '${{ custom_variables.db_password }}'"))
    assert [one.code for one in report.diagnostics] == ["PF524"]
    assert "hunter2" not in full(report.diagnostics, report.texts)


HOSTS = {
    "http://trocco.io": ["PF525"],
    "http://8.8.8.8/api": ["PF525"],
    "https://trocco.io": [],
    "http://127.0.0.1:8080/trocco": [],
    "http://localhost:8080": [],
    "http://emulator:8080": [],
    "http://10.0.0.3": [],
    "http://trocco.example.internal": [],
}


@pytest.mark.parametrize(("url", "codes"), HOSTS.items())
def test_addresses_without_encryption(lint, url, codes):
    report = lint(PIPELINE.replace("vendor: trocco,", f'vendor: trocco, base_url: "{url}",'))
    assert [one.code for one in report.diagnostics] == codes


RATES = {
    "3500/10m": [],
    "100/1m": [],
    "4000/10m": ["PF512"],
    "400/1m": ["PF512"],
    "3500/1h": [],
    "10/1s": ["PF512"],
}


@pytest.mark.parametrize(("rate", "codes"), RATES.items())
def test_limits_above_what_the_vendor_stands(lint, rate, codes):
    report = lint(PIPELINE.replace("vendor: trocco,", f"vendor: trocco, limits: {{requests: {rate}}},"))
    assert [one.code for one in report.diagnostics] == codes


def test_a_value_that_a_connection_keeps_for_projects_is_a_credential_too(lint):
    kept = 'secret_values: {a: wine-of-may-71, b: "${{ env.B }}", c: changeme, d: "${{ secrets.D }}"}'
    text = PIPELINE.replace("region: aws,", f"region: aws, {kept},")
    found = {
        (one.code, one.message.split("'")[1] if "'" in one.message else "")
        for one in lint(text, {"pipeforge.yaml": "env: [B]"}).diagnostics
    }
    assert found == {("PF501", "a"), ("PF523", ""), ("PF522", "c")}
    shown = str(lint(text).diagnostics)
    assert "wine-of-may-71" not in shown


@pytest.mark.parametrize(
    ("name", "told"),
    [("mysql", None), ("${{ run.id }}", None), ("mysqll", "did you mean"), ("x", "known names")],
)
def test_a_secret_is_named_that_the_connection_has(lint, name, told):
    text = PIPELINE.replace("region: aws,", 'region: aws, secret_values: {mysql: "${{ secrets.M }}"},')
    step = f'  c: {{uses: treasure.put_secret, with: {{project: p, key: k, value_of: "{name}"}}}}\n'
    found = lint(text + step).diagnostics
    assert [one.code for one in found] == (["PF425"] if told else [])
    assert not told or told in found[0].hint


@pytest.mark.parametrize("part", ["connections", "environments"])
def test_a_template_where_connections_should_be_is_no_secret(lint, part):
    steps = "steps:\n  a: {uses: trocco.run_job, with: {job_definition_id: 1}}\n"
    text = "name: one\n" + steps
    if part == "connections":
        found = lint(text + "connections: ${{ env.K }}\n", {"pipeforge.yaml": "env: [K]\n"})
    else:
        found = lint(text, {"pipeforge.yaml": "env: [K]\nenvironments: ${{ env.K }}\n"})
    assert "PF310" in [one.code for one in found.diagnostics]
    assert "PF523" not in [one.code for one in found.diagnostics]
