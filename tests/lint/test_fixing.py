"""Fixes: what they make of a file, what they leave alone, and that doing it twice changes nothing."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeforge.language.document import parse
from pipeforge.lint.fixing import fix
from pipeforge.lint.linter import check

HERE = Path(__file__).parent
CORPUS = sorted([*HERE.glob("bad/*.yaml"), *HERE.glob("ok/*.y*ml")])

TOP = """name: nightly
connections:
  trocco: {vendor: trocco, api_key: "${{ secrets.KEY }}"}
"""
ONE = TOP + "steps:\n  load: {uses: trocco.run_job, with: {job_definition_id: 1}}\n"


def fixed(path, text, catalog, *, unsafe=False):
    resolved = path.resolve()
    done = fix(lambda texts: check(path, catalog, texts=texts), {resolved: text}, unsafe=unsafe)
    return done, done.texts[resolved]


@pytest.fixture
def mend(tmp_path, catalog):
    """Fixes a text as a pipeline, and gives it back."""

    def run(text, *, unsafe=False):
        path = tmp_path / "pipeline.yaml"
        path.write_bytes(text.encode())
        return fixed(path, text, catalog, unsafe=unsafe)[1]

    return run


def step(body):
    """A pipeline whose second step has this body, one line each."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return ONE + f"  after:\n{lines}"


JOB = "uses: trocco.run_job\nwith: {job_definition_id: 2}"

SAFE = {
    "misspelt key": ("usse: trocco.run_job\nwith: {job_definition_id: 2}", JOB),
    "quotes of a key stay": ("'usse': trocco.run_job  # why\nwith: {job_definition_id: 2}",
                             "'uses': trocco.run_job  # why\nwith: {job_definition_id: 2}"),
    "another tool's key": (f"depends_on: load\n{JOB}", f"needs: load\n{JOB}"),
    "misspelt parameter": ("uses: trocco.run_job\nwith: {job_defintion_id: 2}", JOB),
    "a number in quotes": ("uses: trocco.run_job\nwith:\n  job_definition_id: '2' # two",
                           "uses: trocco.run_job\nwith:\n  job_definition_id: 2 # two"),
    "a duration in words": (f"{JOB}\ntimeout: 5 minutes", f"{JOB}\ntimeout: 5m"),
    "a duration in ISO 8601": (f"{JOB}\ntimeout: 'PT5M'", f"{JOB}\ntimeout: '5m'"),
    "yes for true": (f"{JOB}\nallow_failure: yes # sure", f"{JOB}\nallow_failure: true # sure"),
    "a list of one": (f"{JOB}\naccept: skipped", f"{JOB}\naccept: [skipped]"),
    "a need twice in brackets": (f"needs: [load, load]\n{JOB}", f"needs: [load]\n{JOB}"),
    "a need twice in lines": (f"needs:\n  - load # once\n  - load\n{JOB}", f"needs:\n  - load # once\n{JOB}"),
}  # fmt: skip


@pytest.mark.parametrize("case", SAFE)
def test_what_is_certainly_meant_is_mended(case, mend):
    bad, good = SAFE[case]
    assert mend(step(bad)) == step(good)


USING = 'uses: trocco.run_job\nwith: {job_definition_id: "${{ steps.load.outputs.id }}"}'

NEEDS = {
    "no needs": (USING, f"needs: load\n{USING}"),
    "one need": (f"needs: 'mid' # m\n{USING}", f"needs: ['mid', load] # m\n{USING}"),
    "brackets": (f"needs: [ mid ]\n{USING}", f"needs: [ mid, load ]\n{USING}"),
    "lines": (f"needs:\n- mid # m\n{USING}", f"needs:\n- mid # m\n- load\n{USING}"),
    "empty": (f"needs: []\n{USING}", f"needs: [load]\n{USING}"),
}


@pytest.mark.parametrize("case", NEEDS)
def test_a_missing_need_is_added_in_the_way_needs_are_written(case, mend):
    bad, good = NEEDS[case]
    mid = "  mid: {uses: trocco.run_job, with: {job_definition_id: 3}}\n"
    assert mend(step(bad) + mid) == step(good) + mid


def test_a_missing_need_of_a_step_in_braces(mend):
    text = ONE + '  b: {uses: trocco.run_job, with: {job_definition_id: "${{ steps.load.outputs.id }}"}}\n'
    assert mend(text) == text.replace("b: {", "b: {needs: load, ")


def test_several_missing_needs_of_one_step(mend):
    more = 'uses: trocco.run_job\nif: ${{ steps.b.outcome == "failed" }}\n'
    more += 'with: {job_definition_id: "${{ steps.load.outputs.id }}"}'
    b = "  b: {uses: trocco.run_job, with: {job_definition_id: 3}}\n"
    assert mend(step(more) + b) == step(f"needs: [b, load]\n{more}") + b


UNSAFE = {
    "a need": (f"needs: laod\n{JOB}", f"needs: load\n{JOB}"),
    "a kind": (JOB.replace("job\n", "jbo\n"), JOB),
    "a connection": (f"connection: trcco\n{JOB}", f"connection: trocco\n{JOB}"),
    "a name": ("uses: trocco.run_job\nwith: {job_definition_id: \"${{ contxt_time | unix }}\"}",
               "uses: trocco.run_job\nwith: {job_definition_id: \"${{ context_time | unix }}\"}"),
    "a filter": ("uses: trocco.run_job\nwith: {job_definition_id: \"${{ context_time | unx }}\"}",
                 "uses: trocco.run_job\nwith: {job_definition_id: \"${{ context_time | unix }}\"}"),
    "a value": (f"{JOB}\nrun_when: alwys", f"{JOB}\nrun_when: always"),
    "a condition": (f"{JOB}\nif: steps.load.outcome == \"failed\"\nneeds: load",
                    f"{JOB}\nif: '${{{{ steps.load.outcome == \"failed\" }}}}'\nneeds: load"),
    "minutes in the name": (f"{JOB}\ntimeout-minutes: 30", f"{JOB}\ntimeout: 30m"),
    "seconds in the name": (f"{JOB}\ntimeout_seconds: 30", f"{JOB}\ntimeout: 30s"),
    "itself": (f"needs: after\n{JOB}", JOB),
    "itself among others": (f"needs: [after, load]\n{JOB}", f"needs: [load]\n{JOB}"),
    "a bare template": ("uses: trocco.run_job\nwith:\n  job_definition_id: {{ context_time | unix }}",
                        "uses: trocco.run_job\nwith:\n  job_definition_id: \"${{ context_time | unix }}\""),
}  # fmt: skip


@pytest.mark.parametrize("case", UNSAFE)
def test_what_may_have_been_meant_otherwise_is_mended_only_on_demand(case, mend):
    bad, good = UNSAFE[case]
    assert mend(step(bad)) == step(bad)
    assert mend(step(bad), unsafe=True) == step(good)


@pytest.mark.parametrize("value", ["90", "90s then", "a, b"])
def test_what_can_be_read_in_two_ways_is_left_to_the_author(value, mend):
    text = step(f"{JOB}\ntimeout: {value}")
    assert mend(text, unsafe=True) == text
    text = step(f"{JOB}\naccept: '{value}'")
    assert value == "90" or mend(text, unsafe=True) == text


def test_full_width_colons_one_after_the_other(mend):
    bad = step("uses： trocco.run_job\nwith：　{job_definition_id: 2}")
    assert mend(bad) == step(JOB)


def test_a_value_that_begins_with_a_reserved_character(mend):
    bad = step(f"description: @日本 担当 # 誰\n{JOB}")
    assert mend(bad) == step(f'description: "@日本 担当" # 誰\n{JOB}')


def test_records_of_kintone(mend):
    records = """records:
  納品:
    数量: {type: NUMBER, value: １２}
    番号: {type: NUMBER, value: 1.50}   # 端数
    日付: {type: DATE, value: 2024/1/5}
    時刻: {tpye: TIME, value: "9:30"}
    無理: {type: DATE, value: 2024/2/30}
"""
    assert (
        mend(ONE + records)
        == ONE
        + """records:
  納品:
    数量: {type: NUMBER, value: "12"}
    番号: {type: NUMBER, value: "1.50"}   # 端数
    日付: {type: DATE, value: "2024-01-05"}
    時刻: {type: TIME, value: "09:30"}
    無理: {type: DATE, value: 2024/2/30}
"""
    )


def test_a_fix_that_brings_an_error_is_dropped(mend):
    text = TOP.replace('"${{ secrets.KEY }}"', "123") + ONE.removeprefix(TOP)
    assert mend(text, unsafe=True) == text  # in quotes it would be a secret that is written out


def test_a_fix_that_changes_another_place_too_is_dropped(mend):
    text = step(f"needs: &n load\n{USING.replace('steps.load', 'steps.mid')}")
    text += "  mid:\n    needs: *n\n    uses: trocco.run_job\n    with: {job_definition_id: 1}\n"
    assert mend(text) == text  # the alias would need the added step, that is itself, as well


@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_fixing_twice_changes_nothing_and_what_was_fixed_is_gone(path, unsafe, catalog):
    text = path.read_bytes().decode().removeprefix("\ufeff")
    done, once = fixed(path, text, catalog, unsafe=unsafe)
    assert fixed(path, once, catalog, unsafe=unsafe)[1] == once
    before, after = parse(path, text), parse(path, once)
    assert len(after.faults) <= len(before.faults)
    assert (once == text) == (done.applied == ())
    left = {(one.code, one.message, one.span[:2]) for one in done.report.diagnostics}
    assert not any((one.code, one.message, one.span[:2]) in left for one in done.applied)


@pytest.mark.parametrize("end", ["\r\n", "\r"])
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_line_ends_are_kept(path, end, catalog):
    text = path.read_bytes().decode().removeprefix("\ufeff").replace("\r\n", "\n")
    _, plain = fixed(path, text, catalog, unsafe=True)
    _, other = fixed(path, text.replace("\n", end), catalog, unsafe=True)
    assert other == plain.replace("\n", end)


EDGES = st.text("aé日　：# \t'\"\\{}[]|>-&*!%@`,:\n", max_size=12)


@settings(max_examples=150, deadline=None)
@given(noise=EDGES, data=st.data())
def test_mangled_files_are_never_made_worse(noise, data, catalog):
    text = step("depends_on: [load, load]\nusse: trocco.run_jb\nwith:\n  job_definition_id: '2'")
    at = data.draw(st.integers(0, len(text)))
    mangled = text[:at] + noise + text[at:]
    path = HERE / "mangled.yaml"
    done, once = fixed(path, mangled, catalog, unsafe=True)
    assert fixed(path, once, catalog, unsafe=True)[1] == once
    before = check(path, catalog, texts={path.resolve(): mangled})
    assert len(done.report.diagnostics) <= len(before.diagnostics) or any(
        one.fix and one.fix.reveals for one in done.applied
    )


def test_harmful_fixes_do_not_keep_good_ones_from_being_made(mend):
    # In quotes, each of the keys would be a secret that is written out.
    keys = "".join(f"  c{n}: {{vendor: trocco, api_key: 12{n}}}\n" for n in range(40))
    good = "".join(
        f"  s{n}: {{uses: trocco.run_job, connection: trocco, with: {{job_definition_id: 1}}}}\n"
        for n in range(40)
    )
    text = TOP + keys + "steps:\n" + good
    assert mend(text.replace("uses", "usse")) == text
