"""Findings stand exactly on what they are about, however the text is written."""

import pytest
from marking import HEAD, LOAD, told, unmarked

B = HEAD + LOAD + "  b:\n    needs: a\n    uses: trocco.run_job\n"
WITH = B + "    with:\n      job_definition_id: 2\n      custom_variables:\n"

PLACES = {
    "a plain value": B + "    with: {job_definition_id: «x»}\n",
    "a quoted value": B + "    with: {job_definition_id: «'x y'»}\n",
    "a key": B + "    with: {job_definition_id: 2}\n    «retyr»: {max_attempts: 2}\n",
    "a quoted key": B + '    with: {job_definition_id: 2}\n    «"retyr"»: {max_attempts: 2}\n',
    "a key in braces": B + "    with: {job_definition_id: 2, «contxt_time»: '${{ context_time }}'}\n",
    "a flow item": B.replace("needs: a", "needs: [a, «aa1»]") + "    with: {job_definition_id: 2}\n",
    "a block item": B.replace("needs: a", "needs:\n    - a\n    # why\n    - «aa1»")
    + "    with: {job_definition_id: 2}\n",
    "in a plain template": WITH + "        $x$: ${{ steps.a.outputs.«lnik» }}\n",
    "beside full-width text and emoji": WITH + "        $x$: 東京🍣 ー ${{ steps.a.outputs.«lnik» }} 🍣\n",
    "in double quotes": WITH + '        $x$: "${{ steps.a.outputs.«lnik» }}"\n',
    "behind escapes": WITH + '        $x$: "\\u3000\\n\\t\\x41 \\"q\\" ${{ steps.a.outputs.«lnik» }}"\n',
    "behind an escaped emoji": WITH + '        $x$: "\\U0001F363 ${{ steps.a.outputs.«lnik» }}"\n',
    "in single quotes": WITH + "        $x$: '''it''s'' ${{ steps.a.outputs.«lnik» }}'\n",
    "in a literal block": WITH
    + "        $x$: |\n          one\n\n          🍣 ${{ steps.a.outputs.«lnik» }}\n",
    "in a folded block": WITH
    + "        $x$: >-\n          one\n          two ${{ steps.a.outputs.«lnik» }}\n",
    "with an indentation indicator": WITH
    + "        $x$: |2+\n            one ${{ steps.a.outputs.«lnik» }}\n\n",
    "with a comment behind the header": WITH
    + "        $x$: >  # why\n          ${{ steps.a.outputs.«lnik» }}\n",
    "in a plain text of two lines": WITH + "        $x$: one\n          ${{ steps.a.outputs.«lnik» }}\n",
    "in a quoted text of two lines": WITH + '        $x$: "one\n          ${{ steps.a.outputs.«lnik» }}"\n',
    "the second of two templates": WITH + "        $x$: ${{ run.id }}${{ steps.a.outputs.«lnik» }}\n",
    "a filter": WITH + "        $x$: 店 ${{ context_time | «dat»('%Y') }}\n",
    "a filter with the wrong input": WITH + "        $x$: 店 ${{ steps.a.outputs.id | «iso» }}\n",
    "a word that is no outcome": B + "    if: ${{ '店' and steps.a.outcome == '«success»' }}\n"
    "    with: {job_definition_id: 2}\n",
    "a template of another tool": WITH + '        $x$: "店🍣 «{{ ds }}» 店"\n',
    "behind tabs between value and comment": WITH + "        $x$:\t${{ steps.a.outputs.«lnik» }}\t# why\n",
    "behind an anchor": WITH + '        $x$: &here "${{ steps.a.outputs.«lnik» }}"\n',
    "in a deep flow": B
    + '    with: {job_definition_id: 2, custom_variables: {"$x$": "${{ steps.a.«outptus» }}"}}\n',
    "a full-width sign": B
    + "    if: ${{ steps.a.outcome «＝»＝ 'failed' }}\n    with: {job_definition_id: 2}\n",
    "a key without its colon": B + "    «with» {job_definition_id: 2}\n    allow_failure: true\n",
    "a duration": B + "    with: {job_definition_id: 2}\n    timeout: «90»\n",
}


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "bom"])
@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES)
def test_a_finding_stands_exactly_there(lint, text, mark, ends):
    plain, spans = unmarked(text)
    found = lint(mark + plain.replace("\n", ends))
    assert [span for _, span in told(found)] == spans, told(found)


def test_a_missing_key_stands_at_what_lacks_it(lint):
    plain, spans = unmarked(HEAD + "steps:\n  «a»:\n    with: {job_definition_id: 1}\n")
    assert told(lint(plain)) == [("PF102", spans[0])]
