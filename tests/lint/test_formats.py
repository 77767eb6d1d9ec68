"""The formats for programs: goldens of findings that are hard to write, and the corpus by formats' rules."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as SarifLog

from pipeforge.commands.lint import FORMATS
from pipeforge.language.diagnostics import Diagnostic, Edit, Fix, Place, Span
from pipeforge.lint.fixing import apply
from pipeforge.lint.linter import check
from pipeforge.lint.pages import page
from pipeforge.loading import load
from pipeforge.reports import github, statistics
from pipeforge.reports.addresses import PROJECT, rule_page
from pipeforge.reports.findings import fingerprints, lines_of

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BAD = sorted(HERE.glob("bad/*.yaml"))
GOLDEN = {
    "json": "findings.json",
    "sarif": "findings.sarif",
    "github": "commands.txt",
    "gitlab": "gitlab.json",
    "junit": "junit.xml",
    "rdjson": "rdjson.json",
}

NIGHT = Path("夜間 処理/受注, 50%: a.yaml")
NASTY = "\x1b[31mred \u202eturned\x9b\n::error::<b>|`x`|, 100% [y](https://z.example) ]]> \ufffe\ud800"
TEXTS = {
    NIGHT: "name: 受注\nsteps:\n  読込: {uses: trocco.run_jb}\n  集計: |\n    two\n    lines\n  keep: 😀x\n",
}
FOUND = [
    Diagnostic(
        NIGHT,
        Span(3, 14, 3, 27),
        "PF401",
        "unknown-kind",
        "error",
        "unknown kind 'trocco.run_jb'",
        "did you mean 'trocco.run_job'?",
        fix=Fix(
            "write 'trocco.run_job'",
            (Edit(Place(()), span=Span(3, 14, 3, 27), source="trocco.run_job"),),
            safe=False,
        ),
    ),
    Diagnostic(
        NIGHT,
        Span(4, 7, 6, 10),
        "PF103",
        "wrong-type",
        "warning",
        "a step is a mapping",
        see_also=((Span(2, 1, 2, 6), "steps stand here"),),
    ),
    Diagnostic(NIGHT, Span(7, 10, 7, 11), "PF103", "wrong-type", "warning", "a step is a mapping"),
    Diagnostic(Path("unread.yaml"), Span(1, 1, 1, 2), "PF104", "bad-value", "info", NASTY, NASTY),
]
FILES = [Path("clean file.yaml"), *dict.fromkeys(one.path for one in FOUND)]


def rendered(name, found=FOUND, texts=TEXTS, files=FILES):
    return load(f"pipeforge.reports.{FORMATS[name]}:render")(found, texts, files)


@pytest.fixture(scope="module")
def bad():
    """What every file of the corpus has wrong, as one lint of them all tells it."""
    known = load("pipeforge.commands.vendors:catalog")()
    checked = [check(path.relative_to(Path.cwd()), known) for path in BAD]
    found = sorted({one for report in checked for one in report.diagnostics}, key=lambda one: one.order)
    texts = {path: text for report in checked for path, text in report.texts.items()}
    assert len(found) > 60
    return found, texts, [path.relative_to(Path.cwd()) for path in BAD]


def test_every_format_has_a_golden():
    assert GOLDEN.keys() == FORMATS.keys()


@pytest.mark.parametrize("name", GOLDEN)
def test_hard_findings_are_written_exactly_so(name):
    text = rendered(name)
    if name == "sarif":
        log = json.loads(text)
        for rule in log["runs"][0]["tool"]["driver"]["rules"]:
            rule["help"] = rule["fullDescription"] = "see the test of the pages"
        text = json.dumps(log, ensure_ascii=False, indent=2) + "\n"
    assert text == (HERE / "formats" / GOLDEN[name]).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_lets_through_what_commands_a_terminal_or_turns_text(name):
    text = rendered(name) + github.summary(FOUND)
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text
    )
    text.encode("utf-8")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40), st.text(min_size=1, max_size=20))
def test_whatever_the_words_and_the_path_every_format_holds(message, hint, name):
    path = Path(name.replace("/", "").replace("\0", "") or "a")
    one = Diagnostic(path, Span(1, 1, 1, 2), "PF104", "bad-value", "error", message, hint)
    told = {name: rendered(name, [one], {path: message}, [path]) for name in FORMATS}
    root = ElementTree.fromstring(told["junit"])
    assert [case.attrib["line"] for case in root.iter("testcase")] == ["1"]
    assert json.loads(told["json"])["diagnostics"][0]["message"] == message
    SarifLog.model_validate_json(told["sarif"])
    Draft7Validator(RDJSON).validate(json.loads(told["rdjson"]))
    assert len(json.loads(told["gitlab"])) == 1
    assert told["github"].count("\n") == 1 and told["github"].startswith("::error file=")
    assert len(re.split(r"\r\n|[\n\r]", github.summary([one]).strip())) == 5


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_found_is_a_whole_report_too(name):
    text = rendered(name, [], {}, [Path("a.yaml")])
    if name == "github":
        assert text == ""
    elif name == "junit":
        assert ElementTree.fromstring(text).attrib["failures"] == "0"
    else:
        assert json.loads(text) is not None


# JSON of our own


@pytest.fixture(scope="module")
def schema():
    return Draft7Validator(json.loads((ROOT / "schemas/lint.schema.json").read_text(encoding="utf-8")))


def test_our_json_is_what_its_schema_says(schema, bad):
    for told in (
        rendered("json"),
        rendered("json", *bad),
        rendered("json", [], {}),
        statistics.as_json(bad[0]),
    ):
        schema.validate(json.loads(told))


def test_our_schema_names_every_key_and_takes_no_less(schema, bad):
    whole = json.loads(rendered("json", *bad))
    told = {key for one in whole["diagnostics"] for key in one}
    assert told == schema.schema["$defs"]["diagnostic"]["properties"].keys()
    for key in sorted(told):
        less = [{**whole["diagnostics"][0]}]
        del less[0][key]
        assert not schema.is_valid({"version": 1, "diagnostics": less}), key
    assert not schema.is_valid({"version": 2, "diagnostics": []})


def test_messages_in_json_are_the_very_ones():
    assert json.loads(rendered("json"))["diagnostics"][-1]["message"] == NASTY


# SARIF: the models are generated from the official JSON Schema of OASIS and forbid what it forbids


def test_sarif_is_valid(bad):
    for text in (rendered("sarif"), rendered("sarif", *bad), rendered("sarif", [], {})):
        SarifLog.model_validate_json(text)


def test_the_check_of_sarif_would_notice(bad):
    log = json.loads(rendered("sarif", *bad))
    log["runs"][0]["results"][0]["place"] = 1
    with pytest.raises(ValueError, match="Extra inputs"):
        SarifLog.model_validate(log)


def test_each_result_refers_to_its_rule_whose_help_is_its_page(bad):
    run = json.loads(rendered("sarif", *bad))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == len(bad[0])
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    for rule in rules:
        assert rule["help"]["markdown"] == page(rule["id"])
        assert rule["fullDescription"]["text"] and rule["fullDescription"]["text"] in page(rule["id"])
        assert "##" not in rule["fullDescription"]["text"]
    assert [rule["id"] for rule in rules] == sorted({one.code for one in bad[0]})


def test_a_fix_in_sarif_mends_the_text(bad):
    found, texts, _ = bad
    results = json.loads(rendered("sarif", *bad))["runs"][0]["results"]
    shown = 0
    for one, result in zip(found, results, strict=True):
        text = texts[one.path]
        if "fixes" in result:
            changes = result["fixes"][0]["artifactChanges"][0]["replacements"]
            assert replaced(text, changes) == apply(text, one.path, [one])
            shown += 1
        elif one.fix:
            assert "•" in text  # only what would show a credential is kept back
    assert shown > 40


def replaced(text, changes):
    """A text with SARIF's replacements made, by nothing of ours."""
    starts = [0, *(end.end() for end in re.finditer(r"\r\n|\n|\r", text))]
    placed = [
        (
            starts[region["startLine"] - 1] + region["startColumn"] - 1,
            starts[region["endLine"] - 1] + region["endColumn"] - 1,
            change["insertedContent"]["text"],
        )
        for change in changes
        for region in [change["deletedRegion"]]
    ]
    for start, end, new in sorted(placed, reverse=True):
        text = text[:start] + new + text[end:]
    return text


# JUnit, GitLab, reviewdog


def test_junit_counts_every_file_and_finding(bad):
    found, _, files = bad
    root = ElementTree.fromstring(rendered("junit", *bad))
    assert {suite.attrib["name"] for suite in root} == {path.as_posix() for path in files}
    failures = [case for case in root.iter("testcase") if case.find("failure") is not None]
    assert len(failures) == sum(one.severity != "info" for one in found) == int(root.attrib["failures"])
    assert len(list(root.iter("testcase"))) == int(root.attrib["tests"])


def test_gitlab_has_what_it_requires_and_each_fingerprint_once(bad):
    findings = json.loads(rendered("gitlab", *bad))
    assert len({one["fingerprint"] for one in findings}) == len(findings) == len(bad[0])
    for one in findings:
        assert one.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert one["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert one["location"]["lines"]["begin"] >= 1


POSITION = {
    "type": "object",
    "required": ["line", "column"],
    "additionalProperties": False,
    "properties": {"line": {"type": "integer", "minimum": 1}, "column": {"type": "integer", "minimum": 1}},
}
RANGE = {
    "type": "object",
    "required": ["start", "end"],
    "additionalProperties": False,
    "properties": {"start": POSITION, "end": POSITION},
}
TEXT = {"type": "string"}


def record(optional=(), **properties):
    return {
        "type": "object",
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
        "properties": properties,
    }


RDJSON = record(
    source=record(name=TEXT, url=TEXT),
    diagnostics={
        "type": "array",
        "items": record(
            ("suggestions",),
            message=TEXT,
            location=record(path=TEXT, range=RANGE),
            severity={"enum": ["ERROR", "WARNING", "INFO"]},
            code=record(value=TEXT, url=TEXT),
            suggestions={"type": "array", "minItems": 1, "items": record(range=RANGE, text=TEXT)},
        ),
    },
)
"""The part of reviewdog's format that is used, written down from its protocol definition."""


def test_rdjson_is_of_reviewdogs_shape(bad):
    for text in (rendered("rdjson"), rendered("rdjson", *bad)):
        Draft7Validator(RDJSON).validate(json.loads(text))


def test_rdjson_counts_bytes():
    kind, _, emoji, _ = json.loads(rendered("rdjson"))["diagnostics"]
    line = TEXTS[NIGHT].splitlines()[2].encode()
    places = kind["location"]["range"]
    assert line[places["start"]["column"] - 1 : places["end"]["column"] - 1] == b"trocco.run_jb"
    assert emoji["location"]["range"]["start"] == {"line": 7, "column": 13}


# GitHub


def test_a_command_is_one_line_whatever_the_message():
    lines = rendered("github").splitlines()
    assert len(lines) == len(FOUND)
    for line, one in zip(lines, FOUND, strict=True):
        command, properties, data = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line).groups()
        assert command == {"error": "error", "warning": "warning", "info": "notice"}[one.severity]
        told = dict(each.split("=") for each in properties.split(","))
        assert told["file"].replace("%3A", ":").replace("%2C", ",").replace("%25", "%") == str(one.path)
        assert ("col" in told) == (one.span.line == one.span.end_line)
        assert not re.search("%(?!25|0A|0D)", data)


def test_a_span_up_to_the_next_line_ends_on_its_own():
    one = FOUND[0]._replace(span=Span(3, 1, 4, 1))
    assert ",line=3,endLine=3,title=" in rendered("github", [one])


def test_a_summary_is_a_table_that_nothing_breaks_out_of():
    assert github.summary(FOUND) == (HERE / "formats/summary.md").read_text(encoding="utf-8")
    many = github.summary(FOUND[:1] * 1500)
    assert many.count("\n| ") == 1000 + 2
    assert many.endswith("… and 500 more: see the log\n\n")
    assert len(many.encode()) < 1024 * 1024


# Fingerprints and masks


def test_a_fingerprint_outlives_lines_above_and_tells_twins_apart():
    before = fingerprints(FOUND, lines_of(TEXTS))
    moved = [
        one._replace(span=Span(*(n + 3 * (i % 2 == 0) for i, n in enumerate(one.span))))
        if one.path == NIGHT
        else one
        for one in FOUND
    ]
    assert fingerprints(moved, lines_of({NIGHT: "#\n#\n#\n" + TEXTS[NIGHT]})) == before
    twins = fingerprints([FOUND[0], FOUND[0]], lines_of(TEXTS))
    assert len({*twins}) == 2 and twins[0] == before[0]
    assert fingerprints(FOUND[:1], lines_of({NIGHT: TEXTS[NIGHT].replace("run_jb", "run_jbb")})) != before[:1]
    assert fingerprints([FOUND[0]._replace(code="PF999")], lines_of(TEXTS)) != before[:1]


@pytest.mark.parametrize("name", FORMATS)
def test_a_fix_that_would_show_a_masked_credential_is_not_shown(name):
    text = "connections:\n  t: {vendor: trocco, api_key: •••••}\n"
    edits = (
        Edit(Place(()), span=Span(2, 6, 2, 12), source="wendor"),
        Edit(Place(()), span=Span(2, 31, 2, 36), source='"s3cr3t"'),
    )
    one = FOUND[0]._replace(span=Span(2, 31, 2, 36), fix=Fix("quote it", edits))
    told = rendered(name, [one], {NIGHT: text})
    assert "s3cr3t" not in told
    assert "wendor" not in told  # half a fix is none
    harmless = one._replace(fix=Fix("quote it", edits[:1]))
    assert ("wendor" in rendered(name, [harmless], {NIGHT: text})) == (name in ("json", "sarif", "rdjson"))


def test_statistics_count_fixes():
    assert [tuple(row) for row in statistics.counts(FOUND)] == [
        ("PF103", "wrong-type", "warning", 2, 0),
        ("PF104", "bad-value", "info", 1, 0),
        ("PF401", "unknown-kind", "error", 1, 1),
    ]
    assert statistics.table(FOUND * 5) == (
        "10  warning  PF103  wrong-type\n"
        " 5  info     PF104  bad-value\n"
        " 5  error    PF401  unknown-kind  (5 with a fix)\n"
    )


def test_the_address_is_one_that_nobody_else_can_own():
    assert PROJECT.endswith(".example")
    assert rule_page("PF203") == f"{PROJECT}/rules/PF203"
