"""What lint tells without the models is what it tells with them: only faster."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from misspelling import PIPELINES, base_of, cases, files
from pydantic import ValidationError

from pipeforge import adapters
from pipeforge.commands import sketching, vendors
from pipeforge.language.surely import UNSURE, part_of, partly, surely
from pipeforge.lint.finding import find
from pipeforge.lint.linter import check

HERE = Path(__file__).parent
FAST, EXACT = vendors.catalog(), vendors.exact()
FORMS = {
    "pipeline": FAST.pipeline,
    "project": FAST.project,
    "variable": FAST.variable,
    **{vendor: FAST.connection(vendor) for vendor in adapters.VENDORS},
    **{f"{name} with": FAST.kinds[name].params for name in adapters.KINDS},
    "pipeline with": FAST.kinds["pipeline"].params,
}
CORPUS = sorted(
    path
    for path in (*HERE.glob("ok/**/*.y*ml"), *HERE.glob("bad/*.y*ml"), *PIPELINES)
    if path.name != "pipeforge.yaml" and path.parent.name != "records"
)
PAGES = sorted((HERE.parents[1] / "pipeforge/lint/pages").glob("**/PF*.md"))


def told(path, catalog, texts=None):
    """All that may differ of a report."""
    report = check(path, catalog, texts=texts or {})
    return report.diagnostics, report.is_whole, report.shared, report.inputs


@pytest.mark.parametrize("path", sketching.sketches(), ids=lambda path: path.parent.name)
def test_what_is_written_down_is_what_the_models_give(path):
    hint = "run `make schemas`"
    assert path.read_text(encoding="utf-8") == sketching.sketches()[path], hint


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_a_file_is_told_as_the_models_tell_it(path):
    assert told(path, FAST) == told(path, EXACT)


@pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda path: str(path.relative_to(path.parents[1])))
def test_so_are_files_with_a_misspelt_word(pipeline):
    for name, path in files(pipeline).items():
        text = path.read_bytes().decode("utf-8-sig")
        for case in list(cases(text, 1, base_of(name)))[::7]:
            texts = {path.resolve(): case.applied(text)}
            assert told(pipeline, FAST, texts) == told(pipeline, EXACT, texts), case


@pytest.mark.parametrize(
    "page", sorted((HERE.parents[1] / "pipeforge/lint/pages").glob("**/PF*.md")), ids=str
)
def test_so_are_the_examples_of_the_pages(page, tmp_path):
    for number, part in enumerate(page.read_text(encoding="utf-8").split("```yaml")[1:]):
        path = tmp_path / f"{number}.yaml"
        path.write_text(part.partition("\n")[2].partition("```")[0], encoding="utf-8")
        assert told(path, FAST) == told(path, EXACT)


ODD = [
    "", " ", "x", "あ", "a b", "a\n", "\ud800", "\u3000", "\x1c", "1", "-1", "1.5", "0", "true", "null",
    "${{ x }}", " ${{ x }}\n", "a ${{ x }}", "$x$", "$x", "2024-01-31", "2024-01-31 00:00:00", "2024-13-01",
    "2024-01-31T00:00:00+09:00", "90s", "1h30m", "0s", "400d", "60/1m", "0/1m", "https://a.example", "http://[",
    "https://u:p@a.example", "https://a.cybozu.com/k/1", "Asia/Tokyo", "GET /x/{workflow_id}", "{", "[]",
    0, 1, -1, 2**63, 10**30, 1.0, 0.5, float("nan"), float("inf"), True, False, None, [], {}, [1], ["a"],
    {"a": 1}, {"": ""}, {"file": "x.json"}, {"keyword": "trigger"}, [{"provider": "p"}],
    {"F": {"type": "NUMBER", "value": 1}}, {"F": {"type": "NUMBER", "value": "1"}},
]  # fmt: skip
"""What may stand anywhere."""


def of_shape(shape):
    """Data that is mostly as it should be."""
    return st.one_of(_good(shape), _good(shape), _good(shape), st.sampled_from(ODD))


def _good(shape):
    word = shape[0]
    return _MADE[word](*shape[1:]) if word in _MADE else st.one_of(st.text(max_size=5), st.sampled_from(ODD))


def _whole(least, most):
    near = [at + by for at in (least, most) if at is not None for by in (-1, 1)] or [0]
    return st.one_of(st.integers(least, most), st.sampled_from(near))


def _model(fields, wanted):
    must = {key: of_shape(fields[key]) for key in wanted}
    may = {key: of_shape(inner) for key, inner in fields.items() if key not in wanted}
    return st.fixed_dictionaries(must, optional={**may, "strange": st.just(1)})


_MADE = {
    "whole": _whole,
    "bool": st.booleans,
    "word": st.sampled_from,
    "null": lambda inner: st.one_of(st.none(), of_shape(inner)),
    "or": lambda choices: st.one_of([of_shape(one) for one in choices]),
    "tagged": lambda key, choices: st.one_of([of_shape(inner) for _, inner in choices]),
    "list": lambda inner, *_: st.lists(of_shape(inner), max_size=3),
    "dict": lambda key, inner, *_: st.dictionaries(_key(key), of_shape(inner), max_size=3),
    "model": _model,
    "before": lambda _, inner: of_shape(inner),
    "after": lambda inner, _: of_shape(inner),
    "agree": lambda inner, *_: of_shape(inner),
    "secret": lambda inner: of_shape(inner),
    "chain": lambda steps: of_shape(steps[0]),
}


def _key(shape):
    texts = [one for one in ODD if isinstance(one, str)]
    return st.sampled_from(shape[1] if shape[0] == "word" else texts)


@cache
def of_form(name):
    """Made once: the pipeline's is large."""
    return of_shape(FORMS[name].shape)


def takes(form, data):
    try:
        form.model.model_validate(data)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.data())
def test_what_is_surely_right_is_right(name, data):
    form = FORMS[name]
    given = data.draw(of_form(name))
    if surely(form.shape, given):
        assert takes(form, given)
    if surely(form.shape, given, late=True):
        found = find(form.model, given, templates=True)
        assert not found.faults and not found.renamed
    if isinstance(given, dict) and surely(partly(form.shape), given, late=True):
        found = find(form.model, given, templates=True)
        assert not found.renamed
        assert all(one.sort == "missing_key" or not one.route for one in found.faults)


def test_a_part_can_be_looked_at_alone():
    shape = FORMS["trocco.run_job with"].shape
    assert surely(part_of(shape, ("custom_variables", "$region$")), 1)
    assert not surely(part_of(shape, ("custom_variables", "$region$")), [])
    assert part_of(shape, ("custom_variables", "region")) == UNSURE
    assert part_of(shape, ("nothing",)) == UNSURE
