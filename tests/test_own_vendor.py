"""Vendors of installed packages: the example through every command, and packages that are wrong."""

import json
import re
import shutil

import pytest
from jsonschema import Draft7Validator
from vendor_packages import EXAMPLE, install, offer, pipeforge

from pipeforge.cli import COMMANDS
from pipeforge.language.document import read

OURS = """name: ours
connections: {t: {vendor: trocco, api_key: "${{ secrets.K }}"}}
steps:
  a: {uses: trocco.run_job, with: {job_definition_id: 1}, timeout: 1h}
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return install(tmp_path_factory.mktemp("acme"))


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    shutil.copy(EXAMPLE / "monthly_report.yaml", folder)
    return folder


def test_a_pipeline_of_its_kinds_lints_plans_and_runs(library, project):
    for arguments in (["lint"], ["plan"], ["graph"], ["run", "--emulate"]):
        done = pipeforge(library, arguments[0], "monthly_report.yaml", *arguments[1:], cwd=project)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    listed = pipeforge(library, "runs", "--emulate", "--format", "json", cwd=project)
    assert [run["outcome"] for run in json.loads(listed.stdout)["runs"]] == ["succeeded"]


def test_every_command_that_lists_kinds_knows_them(library, project):
    assert "acme.run_report" in pipeforge(library, "explain", cwd=project).stdout
    assert "**exactly_once**" in pipeforge(library, "explain", "acme.run_report", cwd=project).stdout
    assert "`acme.get_report`" in pipeforge(library, "explain", "acme", cwd=project).stdout
    assert "## `acme`" in pipeforge(library, "explain", "world", cwd=project).stdout
    schema = json.loads(pipeforge(library, "schema", "pipeline", cwd=project).stdout)
    assert '"acme.run_report"' in json.dumps(schema)
    Draft7Validator(schema).validate(read(project / "monthly_report.yaml").data)
    assert "acme.run_report" in pipeforge(library, "completion", "bash", cwd=project).stdout
    assert "one key makes one run" in pipeforge(library, "emulate", "--explain", cwd=project).stdout
    called = pipeforge(library, "call", "acme.run_report", "report=x", "--emulate", cwd=project)
    assert (called.returncode, called.stdout) == (0, "id: 1\nstatus: done\nrows: 12\n"), called.stderr


def test_what_is_misspelt_is_named(library, project):
    path = project / "monthly_report.yaml"
    path.write_text(path.read_text().replace("acme.run_report", "acme.run_reprot").replace("id:", "idd:"))
    said = pipeforge(library, "lint", path.name, cwd=project)
    assert said.returncode == 1
    assert "did you mean 'acme.run_report'?" in said.stdout
    assert "unknown parameter 'idd'" in said.stdout
    path.write_text(path.read_text().replace("vendor: acme", "vendor: akme"))
    assert "did you mean 'acme'?" in pipeforge(library, "lint", path.name, cwd=project).stdout


def test_a_world_and_a_test_file_know_the_vendor(library, project):
    (project / "world.yaml").write_text("acme: {course: {outcome: failed}}\n")
    run = pipeforge(library, "run", "monthly_report.yaml", "--emulate", cwd=project)
    assert run.returncode == 1
    assert "Acme does not say why" in run.stdout + run.stderr
    (project / "world.yaml").unlink()
    (project / "monthly_report.test.yaml").write_text(
        "pipeline: monthly_report.yaml\ntests:\n"
        "  one: {expect: {jobs: {acme: 1}, outcomes: {look: succeeded}}}\n"
    )
    tried = pipeforge(library, "test", cwd=project)
    assert tried.returncode == 0, tried.stdout + tried.stderr


def test_what_lint_kept_is_stale_when_the_package_comes_goes_or_changes(library, project, tmp_path):
    cache = ("--cache-dir", tmp_path / "kept")
    mine = tmp_path / "library"
    shutil.copytree(library, mine)

    def lint(where):
        return pipeforge(where, "lint", "monthly_report.yaml", *cache, cwd=project)

    assert "unknown kind 'acme.run_report'" in lint(tmp_path / "nothing").stdout
    assert lint(mine).returncode == 0
    assert lint(mine).returncode == 0
    kinds = mine / "pipeforge_acme" / "kinds.py"
    kinds.write_text(kinds.read_text().replace("    report: str", "    title: str"))
    assert "'report'" in lint(mine).stdout
    assert "unknown kind 'acme.run_report'" in lint(tmp_path / "nothing").stdout


def test_nobody_pays_who_uses_our_vendors_alone(library, tmp_path):
    (tmp_path / "ours.yaml").write_text(OURS)
    told = "from pipeforge.cli import main; code = main(['lint', 'ours.yaml', '--no-cache']); "
    told += "import sys; print(code, *sys.modules)"
    done = pipeforge(library, cwd=tmp_path, python=("-c", told))
    code, *loaded = done.stdout.splitlines()[-1].split()
    assert code == "0", done.stdout
    assert not {"pipeforge.adapters.foreign", "pipeforge_acme"} & set(loaded)


GOOD = (EXAMPLE / "pipeforge_acme" / "__init__.py").read_text()

WRONG = {
    "gone": ("acme = nowhere:ACME", None, "'nowhere:ACME' cannot be loaded: ModuleNotFoundError"),
    "no such name": ("acme = odd:NOTHING", GOOD, "'odd:NOTHING' cannot be loaded: AttributeError"),
    "raises": ("acme = odd:ACME", "1 / 0", "cannot be loaded: ZeroDivisionError: division by zero"),
    "leaves": ("acme = odd:ACME", "raise SystemExit(0)", "cannot be loaded: SystemExit: 0"),
    "no kinds": (
        "acme = odd:ACME",
        "from pipeforge.adapters.vendor import Vendor\nACME = Vendor('acme', {}, '', '', '')",
        "'odd:ACME' has no kinds by their names",
    ),
    "breaks off": ("acme = odd:ACME", "def", "cannot be loaded: SyntaxError"),
    "no vendor": ("acme = odd:ACME", "ACME = 'acme'", "'odd:ACME' is no pipeforge.adapters.vendor:Vendor"),
    "ours": ("trocco = odd:ACME", GOOD, "offers a vendor 'trocco', as pipeforge itself does"),
    "another name": ("akme = odd:ACME", GOOD, "'odd:ACME' calls itself 'acme'"),
    "no name": ("Ac-me = odd:ACME", GOOD, "that is no name for one"),
    "a word of worlds": ("faults = odd:ACME", GOOD, "that is no name for one"),
    "kind": (
        "acme = odd:ACME",
        GOOD.replace('"acme.run_report"', '"acme.report"'),
        "its kind 'acme.report' is not named acme.verb_noun",
    ),
    "kind of ours": (
        "acme = odd:ACME",
        GOOD.replace('"acme.run_report"', '"trocco.run_job"'),
        "its kind 'trocco.run_job' is not named acme.verb_noun",
    ),
}


@pytest.mark.parametrize("which", WRONG)
def test_a_package_that_is_wrong_is_told(which, project, tmp_path):
    entry, text, message = WRONG[which]
    offer(tmp_path / "library", entry, text)
    several = (["explain", "acme.run_report"], ["schema"], ["plan", "monthly_report.yaml"])
    for words in (["lint", "monthly_report.yaml"], *(several if which == "gone" else ())):
        said = pipeforge(tmp_path / "library", *words, cwd=project)
        told = said.stdout + said.stderr
        assert "pipeforge-odd 2.0" in told, told
        assert message in told, told
        assert "Traceback" not in told
        assert said.returncode == 2, told


def test_what_fails_in_a_package_at_work_is_told_in_its_name(library, project, tmp_path):
    mine = tmp_path / "library"
    shutil.copytree(library, mine)
    path = mine / "pipeforge_acme" / "emulator.py"
    path.write_text(path.read_text().replace("acme = Acme(world, desk)", "acme = [][7]"))
    said = pipeforge(mine, "run", "monthly_report.yaml", "--emulate", cwd=project)
    assert said.returncode == 2
    assert "error: package 'pipeforge-acme 0.1.0' fails: IndexError at emulator.py:" in said.stderr, (
        said.stderr
    )
    assert "help: mend that package, or uninstall it" in said.stderr


@pytest.mark.parametrize("which", ["raises", "ours"])
def test_a_package_that_is_wrong_harms_nobody_else(which, tmp_path):
    entry, text, _ = WRONG[which]
    offer(tmp_path / "library", entry, text)
    (tmp_path / "ours.yaml").write_text(OURS)
    for words in (["lint"], ["plan"], ["run", "--emulate"]):
        said = pipeforge(tmp_path / "library", words[0], "ours.yaml", *words[1:], cwd=tmp_path)
        assert said.returncode == 0, said.stdout + said.stderr


PARTS = {
    "no kind": (
        "kinds:RUN_REPORT",
        "client:AcmeClient",
        "is no pipeforge.adapter:Kind named 'acme.run_report'",
    ),
    "another kind": (
        "kinds:RUN_REPORT",
        "kinds:GET_REPORT",
        "is no pipeforge.adapter:Kind named 'acme.run_report'",
    ),
    "connection": (
        "kinds:AcmeConnection",
        "kinds:Report",
        "is no model that derives from pipeforge.adapters.settings",
    ),
    "client": (
        "client:AcmeClient",
        "client:gone",
        "'pipeforge_acme.client:gone' cannot be loaded: AttributeError",
    ),
    "adapters": (
        "steps:ADAPTERS",
        "steps:STATUS",
        "'pipeforge_acme.steps:STATUS' has no adapter for 'acme.run_report'",
    ),
    "emulator": ("emulator:PACKAGE", "emulator:GONE", "'pipeforge_acme.emulator:GONE' cannot be loaded"),
    "no emulator": (
        "emulator:PACKAGE",
        "emulator:BEHAVIOURS",
        "its emulator gives a 'tuple' and no pipeforge.emulators.core:Package",
    ),
    "none": (
        "pipeforge_acme.emulator:PACKAGE",
        "",
        "vendor 'acme' of package 'pipeforge-acme 0.1.0' has no emulator",
    ),
}


@pytest.mark.parametrize("which", PARTS)
def test_a_part_that_is_wrong_is_told_when_it_is_needed(which, library, project, tmp_path):
    before, after, message = PARTS[which]
    mine = tmp_path / "library"
    shutil.copytree(library, mine)
    init = mine / "pipeforge_acme" / "__init__.py"
    init.write_text(init.read_text().replace(before, after))
    said = pipeforge(mine, "run", "monthly_report.yaml", "--emulate", cwd=project)
    told = said.stdout + said.stderr
    assert message in told, told
    assert (said.returncode, "Traceback" in told) == (2, False), told


def test_a_handle_that_is_given_whole_is_held_against_its_model(library, tmp_path):
    mine = tmp_path / "library"
    shutil.copytree(library, mine)
    init = mine / "pipeforge_acme" / "__init__.py"
    shapes = 'handles={"acme.run_report": "pipeforge_acme.kinds:GetReportParams"}'
    init.write_text(init.read_text().replace("emulator=", f"{shapes},\n    emulator="))
    asked = "from pipeforge.adapters.handles import whole; print(whole('acme.run_report', {given}))"
    good = pipeforge(mine, cwd=tmp_path, python=("-c", asked.format(given="{'id': 7}")))
    assert good.stdout == "{'id': 7}\n", good.stderr
    bad = pipeforge(mine, cwd=tmp_path, python=("-c", asked.format(given="{'no': 7}")))
    assert "ValueError: it has no 'id'" in bad.stderr
    none = pipeforge(library, cwd=tmp_path, python=("-c", asked.format(given="{'id': 7}")))
    assert "ValueError: package 'pipeforge-acme 0.1.0' does not say what its handles hold" in none.stderr


def test_two_packages_with_one_vendor_are_both_named(library, project, tmp_path):
    mine = tmp_path / "library"
    shutil.copytree(library, mine)
    offer(mine, "acme = odd:ACME", GOOD)
    told = pipeforge(mine, "lint", "monthly_report.yaml", cwd=project)
    assert told.returncode == 2
    assert {"pipeforge-acme 0.1.0", "pipeforge-odd 2.0"} <= set(
        re.findall(r"'(pipeforge-[^']+)'", told.stdout + told.stderr)
    )


def contract(library, folder, chosen="not Processes", change=("", "")):
    """The contract's tests, as the example's author runs them; those of killed processes take longer."""
    shutil.copytree(EXAMPLE / "tests", folder, ignore=shutil.ignore_patterns("__pycache__"))
    suite = folder / "test_contract.py"
    assert change[0] in suite.read_text()
    suite.write_text(suite.read_text().replace(*change))
    words = ("-m", "pytest", "-q", "--rootdir", folder, "-p", "no:cacheprovider", "--tb=short", "-k", chosen)
    return pipeforge(library, cwd=folder, python=words, seconds=400)


def test_the_example_keeps_the_contract(library, tmp_path):
    done = contract(library, tmp_path / "tests")
    assert done.returncode == 0, done.stdout
    assert int(re.search(r"([0-9]+) passed", done.stdout)[1]) >= 40


BROKEN = {
    "starts twice": (
        "client",
        '"key": key}',
        '"key": key + str(__import__("time").time_ns())}',
        ("2 jobs", "test_it_may_die_at_any_request", "test_a_lost_answer_never_starts_a_second_job"),
    ),
    "any word is success": (
        "steps",
        "STATUS.get(report.status)",
        "STATUS.get(report.status, Outcome.SUCCEEDED)",
        ("no success, the vendor says", "test_any_fault_may_strike_any_request"),
    ),
    "tells the key": (
        "steps",
        '"Acme does not say why"',
        "self._client.http.access.headers['authorization']",
        ("a secret is told", "test_a_failure_is_a_failure_and_says_why"),
    ),
    "cannot be canceled": ("client", '"DELETE"', '"PATCH"', ("test_canceling_ends_it",)),
    "strict": (
        "kinds",
        "ConfigDict(frozen=True, defer_build=True)",
        "Strict.model_config",
        ("recovery never came to an answer", "test_wrong_types_in_every_answer_do_no_harm"),
    ),
}


@pytest.mark.parametrize("which", BROKEN)
def test_the_contract_finds_what_is_wrong(which, library, tmp_path):
    module, before, after, expected = BROKEN[which]
    mine = tmp_path / "library"
    shutil.copytree(library, mine)
    path = mine / "pipeforge_acme" / f"{module}.py"
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))
    done = contract(mine, tmp_path / "tests")
    assert done.returncode == 1, done.stdout
    assert not [words for words in expected if words not in done.stdout], done.stdout


@pytest.mark.timeout(450)
def test_the_example_outlives_processes_that_are_killed(library, tmp_path):
    done = contract(library, tmp_path / "tests", "Processes")
    assert done.returncode == 0, done.stdout
    assert int(re.search(r"([0-9]+) passed", done.stdout)[1]) == 7


KILLED = {
    "starts twice": (
        ("emulator", 'if body["key"] in keys:', "if False:"),
        "death_of_the_resume or nothing",
        "2 jobs, 1 after",
    ),
    "starts as it asks": (
        ("client", 'Call("GET", f"/keys/{key}"', 'Call("POST", "/reports", json={"report": "x", "key": key}'),
        "nothing",
        "it timed_out (not over after 600s; canceled)",
    ),
    "tells of no job": (
        ("emulator", '"by": run["by"]', '"by": "hand"'),
        "nothing",
        "its emulator tells of no job that is by 'api'",
    ),
    "goes by itself": (
        ("client", "self.http = Http(", "print('noise'); self.http = Own("),
        "nothing",
        "its requests do not leave by pipeforge.adapters.http",
    ),
}
"""What the author may have done wrong, in which trouble it shows, and what is told."""

OWN = """

import json
import urllib.request


class Own(Http):
    async def send(self, call):
        data = None if call.json is None else json.dumps(call.json).encode()
        asked = urllib.request.Request(self.access.base_url + call.path, data, method=call.method)
        with urllib.request.urlopen(asked) as found:
            content = found.read()
        return Reply(found.status, {}, content, json.loads(content))
"""


@pytest.mark.timeout(450)
@pytest.mark.parametrize("which", KILLED)
def test_killed_processes_find_what_is_wrong(which, library, tmp_path):
    (module, before, after), trouble, expected = KILLED[which]
    mine = tmp_path / "library"
    shutil.copytree(library, mine)
    path = mine / "pipeforge_acme" / f"{module}.py"
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after) + (OWN if "Own(" in after else ""))
    done = contract(mine, tmp_path / "tests", f"Processes and ({trouble})")
    assert done.returncode == 1, done.stdout
    assert expected in done.stdout, done.stdout


UNFIT = {
    "kind": (("acme.run_report", "acme.run_reprot"), "there is no kind 'acme.run_reprot'; its vendor has"),
    "params": (('"report": "monthly"', '"reports": "x"'), "acme.run_report: params.report: Field required"),
    "settings": (('"api_key"', '"key"'), "acme: settings.api_key: Field required"),
    "world": (
        ('"outcome": "failed"', '"outcome": "lost"'),
        "acme: world.acme.course.outcome: input",
    ),
    "route": (
        ("POST /reports", "POST /report"),
        'unknown route "POST /report"; did you mean "POST /reports"?',
    ),
}


@pytest.mark.parametrize("which", UNFIT)
def test_a_suite_that_is_not_set_up_rightly_is_told(which, library, tmp_path):
    change, expected = UNFIT[which]
    done = contract(library, tmp_path / "tests", "lost_answer or says_why", change)
    assert done.returncode in (1, 2), done.stdout
    assert "the suite is not set up rightly: " in done.stdout
    assert expected in done.stdout
    assert "help: " in done.stdout
    assert "Traceback" not in done.stdout
    assert "pipeforge/contract" not in done.stdout, done.stdout


def test_it_is_imported_looked_up_and_watched_for_drift(library, project):
    (project / "world.yaml").write_text("acme: {reports: {monthly: '0 3 1 * *', daily: null}}\n")
    done = pipeforge(library, "import", "acme", "daily", "--emulate", cwd=project)
    assert done.returncode == 0, done.stderr
    assert "uses: acme.run_report" in (project / "daily.yaml").read_text()
    gone = pipeforge(library, "import", "acme", "weekly", "--emulate", cwd=project)
    assert (gone.returncode, "there is no such report" in gone.stderr) == (2, True), gone.stderr
    said = pipeforge(library, "lint", "monthly_report.yaml", "--online", "--lock", "--emulate", cwd=project)
    assert "0 3 1 * *" in said.stdout, said.stdout + said.stderr
    (project / "world.yaml").write_text("acme: {reports: {daily: null}}\n")
    drift = pipeforge(library, "drift", "monthly_report.yaml", "--emulate", cwd=project)
    assert drift.returncode == 1, drift.stdout + drift.stderr
    assert "monthly" in drift.stdout


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "ids, found = Ids()",
            "raise ValueError(client.http.access.secrets)\n    ids, found = Ids()",
            "its importer fails",
        ),
        ("return Draft(", "return str(", "its importer gives a 'str' and no pipeforge.adapters.drafts:Draft"),
    ],
)
def test_an_importer_that_is_wrong_is_told_without_its_words(
    before, after, message, library, project, tmp_path
):
    mine = tmp_path / "library"
    shutil.copytree(library, mine)
    path = mine / "pipeforge_acme" / "looking.py"
    text = path.read_text().replace(before, after)
    path.write_text(
        text.replace('return str(slug(found[0].name, "reports"), "Imported from Acme.", steps)', "return 'x'")
    )
    done = pipeforge(mine, "import", "acme", "daily", "--emulate", cwd=project)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert message in done.stderr, done.stderr
    assert "package 'pipeforge-acme 0.1.0' offers the vendor 'acme'" in done.stderr
    assert "ValueError at looking.py" in done.stderr or "gives" in done.stderr
    assert "emulated" not in done.stderr  # the credential of a trial


def test_the_page_keeps_its_word_about_the_lines():
    files = ("__init__", "kinds", "client", "steps")
    assert sum(_lines(EXAMPLE / "pipeforge_acme" / f"{name}.py") for name in files) <= 100


def _lines(file):
    """Those with code, beside imports."""
    text = re.sub(r'"""(.|\n)*?"""', "", file.read_text())
    return sum(bool(line.strip()) and not line.startswith(("from ", "import ")) for line in text.splitlines())


def test_the_page_is_short_and_names_commands_that_there_are():
    page = (EXAMPLE / "README.md").read_text()
    assert len(page.splitlines()) <= 20
    commands = re.findall(r"^    \$ pipeforge (\w+)", page, re.M)
    assert commands
    assert set(commands) <= set(COMMANDS)
