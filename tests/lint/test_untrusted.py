"""Files that are no pipeline at all, or are made to hurt: a clear word and an end in good time."""

import time

import pytest

from pipeforge.errors import UsageError

HEAD = 'name: big\nconnections: {t: {vendor: trocco, api_key: "${{ secrets.KEY }}"}}\nsteps:\n'


def codes(report):
    return [one.code for one in report.diagnostics]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ["PF011"]),
        (b"# only a comment\n", ["PF011"]),
        (b"\xef\xbb\xbf", ["PF011"]),
        (b"just text", ["PF012"]),
        (b"42", ["PF012"]),
        (b"null", ["PF011"]),
        ("name: 日本".encode("cp932"), ["PF002"]),
        (b"\xff\xfen\x00a\x00", ["PF002"]),
        (b"name: \x00", ["PF001"]),
        (b"name: 'open", ["PF001"]),
        (b"{" * 5000, ["PF008"]),
        (b"[" * 5000, ["PF008"]),
        (b"a: &a [*a]\n", ["PF101", "PF102", "PF102", "PF006"]),
        (b"steps: {}\nname: x\n", ["PF104"]),
        (b"name: x\nsteps: {a: {}}\n", ["PF102"]),
        (b"name: x\nsteps: {a: }\n", ["PF103"]),
        (b"name: x\nsteps: {a: [1]}\n", ["PF103"]),
        (b"? [a]\n: b\nname: x\nsteps: {a: 1}\n", ["PF005", "PF103"]),
        (b"name: x\nsteps: {'': {uses: y}}\n", ["PF107", "PF401"]),
    ],
)
def test_each_says_what_it_is(lint, content, expected):
    assert codes(lint(content)) == expected


def test_an_alias_bomb_ends_at_once(lint):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    started = time.process_time()
    assert codes(lint("\n".join(lines))) == ["PF007"]
    assert time.process_time() - started < 2


def test_a_file_of_10_megabytes_is_checked_like_any_other(lint):
    step = "  s{0}: {{uses: trocco.run_job, description: {1}, with: {{job_definition_id: {0}}}}}\n"
    text = HEAD + "".join(step.format(number, "x" * 1000) for number in range(1, 10_000))
    assert len(text) > 10_000_000
    assert codes(lint(text)) == []
    assert codes(lint(text.replace("s9999: {uses", "s9999: {usess"))) == ["PF101"]


def test_one_line_of_10_megabytes_is_not_printed_whole(lint):
    from pipeforge.reports.diagnostics import full

    found = lint("name: " + "x" * 10_000_000 + "\nsteps: {a: 1}\n")
    assert codes(found) == ["PF104", "PF103"]
    assert len(full(found.diagnostics, found.texts)) < 3_000
    assert all(len(one.message) < 500 for one in found.diagnostics)


@pytest.mark.parametrize("shape", ["chain", "wide", "findings", "missing"])
def test_time_grows_with_the_number_of_steps_and_no_faster(lint, shape):
    def seconds(count):
        lines = []
        for number in range(count):
            needs = f"needs: s{number - 1}, " if number and shape == "chain" else ""
            needs = f"needs: q{number:x}q, " if shape == "missing" else needs
            used = '"${{ steps.s0.outputs.id }}"' if number and shape == "chain" else number + 1
            key = "usess" if shape == "findings" else "uses"
            lines.append(
                f"  s{number}: {{{needs}{key}: trocco.run_job, with: {{job_definition_id: {used}}}}}\n"
            )
        text = HEAD + "".join(lines)
        started = time.process_time()
        report = lint(text)
        spent = time.process_time() - started
        assert len(report.diagnostics) == (count if shape in ("findings", "missing") else 0)
        return spent

    seconds(50)
    few = min(seconds(500) for _ in range(3))
    # the least of some: the garbage collector may look through what earlier tests left behind just now
    assert min(seconds(5000) for _ in range(3)) < 30 * few


def test_what_cannot_be_read_is_an_error_of_usage(lint, tmp_path, catalog):
    from pipeforge.lint.linter import check

    with pytest.raises(UsageError, match="no such file"):
        check(tmp_path / "none.yaml", catalog)
    with pytest.raises(UsageError, match="is a folder"):
        check(tmp_path, catalog)


def test_templates_are_read_but_never_run(lint):
    text = HEAD + (
        "  a:\n    uses: trocco.run_job\n    with:\n"
        "      job_definition_id: ${{ 2 ** 63 ** 63 }}\n"
        "      custom_variables: {$a$: \"${{ 'x' * 1000000000 }}\", $b$: \"${{ ''.__class__ }}\"}\n"
    )
    started = time.process_time()
    lint(text)
    assert time.process_time() - started < 2


def test_a_record_outside_the_project_is_not_read(lint, tmp_path):
    outside = tmp_path.parent / "outside.json"
    outside.write_text("{}")
    text = (
        HEAD
        + "  a: {uses: trocco.run_job, with: {job_definition_id: 1}}\nrecords: {r: {file: ../outside.json}}\n"
    )
    report = lint(text)
    assert codes(report) == ["PF433"]
    assert "outside the project" in report.diagnostics[0].message
    (tmp_path / "link.json").symlink_to(outside)
    assert codes(lint(text.replace("../outside", "link"))) == ["PF433"]


PIECES = [
    "a",
    "1",
    " ",
    "a.",
    "a-",
    "-",
    "é ",
    "　",
    "：",
    "1:",
    "20-",
    "ab=",
    "'",
    "{{",
    "${{",
    "| a ",
    "${{ a }}",
    "%",
    "/*",
]
PLACES = [
    "  a: {{uses: trocco.run_job, with: {{job_definition_id: 1, custom_variables: {{$a$: '{}'}}}}}}\n",
    "  a: {{uses: '{}', with: {{job_definition_id: '{}'}}}}\n",
    "  a: {{uses: trocco.run_job, timeout: '{}', needs: '{}', with: {{job_definition_id: 1}}}}\n",
    "  a: {{uses: trocco.run_job, with: {{job_definition_id: '${{{{ {} }}}}', context_time: '{}'}}}}\n",
    "  a: {{uses: trocco.run_job, with: {{job_definition_id: 1}}}}  # pipeforge: ignore[{}] {}\n",
    "  '{}': {{'{}': 1}}\n",
    "  a: {{uses: trocco.run_job}}\n{}\n",
]


@pytest.mark.parametrize("place", PLACES)
def test_no_pattern_takes_forever(lint, place):
    for piece in PIECES:
        long = (piece * 4_000)[:4_000].replace("'", "''")
        text = HEAD + place.format(*[long] * place.count("{}"))
        for tail in ("", "!"):
            started = time.process_time()
            lint(text.replace(long, long + tail))
            assert time.process_time() - started < 2, (piece, tail)
