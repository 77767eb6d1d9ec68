"""Parameters that stand in files beside the pipeline: read as they are, planned by name, in the digest."""

import json

import pytest

CODE = {"number": 0, "provider": "clock", "keyword": "trigger", "block": [], "comment": "${{ not_ours }}"}


@pytest.fixture
def project(shell, emulators):
    """A pipeline that deploys a recipe from a file."""
    shell.write("recipes/mail.json", json.dumps(CODE))
    given = {"folder_id": 5, "name": "Send mail", "code": {"file": "recipes/mail.json"}}
    token = "${{ secrets.WORKATO_API_TOKEN }}"
    link = {"vendor": "workato", "base_url": emulators.url("workato"), "api_token": token}
    steps = {"mail": {"uses": "workato.deploy_recipe", "with": given, "timeout": "5m"}}
    whole = {"name": "recipes", "connections": {"workato": link}, "steps": steps}
    shell.write("recipes.yaml", json.dumps(whole))
    return shell


def done(shell, *words):
    result = shell(*words)
    assert result.code == 0, result.text
    return result


def test_a_plan_names_the_file_and_a_run_sends_what_it_holds(project, emulators):
    assert 'code: {"file": "recipes/mail.json"}' in done(project, "plan", "recipes.yaml").out
    assert "no findings" in done(project, "lint", "recipes.yaml").text
    done(project, "run", "recipes.yaml")
    sent = emulators.calls("workato", "POST")[-1]["body"]["recipe"]
    assert json.loads(sent["code"]) == CODE, "taken as it is, whatever looks like a template in it"


def test_what_the_file_holds_is_part_of_the_pipeline(project):
    def digest():
        plan = json.loads(done(project, "plan", "recipes.yaml", "--format", "json").out)
        return plan["digest"], plan["steps"][0]["fingerprint"]

    before = digest()
    assert before == digest()
    project.write("recipes/mail.json", json.dumps({**CODE, "input": {}}))
    after = digest()
    assert before[0] != after[0] and before[1] != after[1]


@pytest.mark.parametrize(
    ("text", "told"),
    [("{", "PF001"), ("[]", "this is no recipe's code"), (None, "no such file: 'recipes/mail.json'")],
)
def test_a_file_that_will_not_do_is_told_before_anything_starts(project, text, told):
    path = project.folder / "recipes/mail.json"
    path.unlink() if text is None else path.write_text(text)
    result = project("run", "recipes.yaml")
    assert result.code == 1 and told in result.err, result.text
