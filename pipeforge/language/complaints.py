"""What a text can have wrong before it is data, and the mend of each."""

from pipeforge.language.saying import Said, say

MENDS = {
    "repeated-key": (
        say("key {name} is given twice"),
        say("keep one of the two; the later one would be lost"),
    ),
    "merge-key": (
        say("merge key '<<' is not part of the language"),
        say("write the keys out"),
    ),
    "too-deep": (
        say("nested more than 100 levels deep"),
        say("look for a stray indent"),
    ),
    "mapping-as-key": (
        say("a mapping cannot be a key"),
        say('a bare {{ }} is a YAML mapping: write "${{ … }}", in quotes when it begins the value'),
    ),
    "unknown-alias": (
        say("alias {name} is not defined above"),
        say("define it with & before it is used with *"),
    ),
    "alias-bomb": (
        say("alias {name} makes the document grow beyond all bounds"),
        say("write the values out"),
    ),
    "tag": (
        say("tag {name} is not part of the language"),
        say("remove the tag; types come from the value itself"),
    ),
    "many-documents": (
        say("a second document begins here"),
        say("move it to a file of its own"),
    ),
}
_SYNTAX = (
    (
        "mapping values are not allowed",
        say("a value with ': ' in it wants quotes; or a line is indented further than the one above"),
    ),
    (
        "found unexpected ':'",
        say("inside { } or [ ] a value with a ':' in it, such as an address, wants quotes"),
    ),
    ("expected <block end>", say("a key is indented unlike its neighbours")),
    (
        "expected key",
        say("a key is indented unlike its neighbours, or something follows a closing quote"),
    ),
    ("expected '-' indicator", say("list items and keys are mixed at one indentation")),
    ("could not find expected ':'", say("a key wants a colon and a space after it")),
    ("invalid Unicode character escape", say("write the character itself instead of its escapes")),
    (
        "expected ',' or",
        say('a bracket is not closed; a template inside { } or [ ] wants quotes: {id: "${{ … }}"}'),
    ),
)
"""The parser's words, and the mend that is most often meant."""


def mend_of(problem: str, context: str | None, char: str) -> Said:
    if "cannot start any token" in problem:
        if char == "\t":
            return say("a tab indents this line; YAML wants spaces")
        return say("quote the value: it begins with '{char}', which YAML keeps for itself", char=char)
    if "quoted scalar" in (context or ""):
        return say("a quote is not closed")
    return next(
        (mend for words, mend in _SYNTAX if words in problem),
        say("look at the quotes, brackets and indentation before this place"),
    )
