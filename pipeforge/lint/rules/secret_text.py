"""Credentials where nobody looks for them: in any text of a file, in its comments, in parameters."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Place, Problem
from pipeforge.language.document import Document
from pipeforge.language.saying import say
from pipeforge.lint.rule import Rule
from pipeforge.lint.subject import Subject
from pipeforge.lint.tokens import passwords, passwords_in_urls, suspect, tokens


def shaped(subject: Subject) -> Iterator[Problem]:
    for path, document in subject.documents.items():
        text = document.text
        found = [*tokens(text), *passwords_in_urls(text)] if suspect(document.gist) else []
        literal = _literals(subject, document) if found else []
        end = -1
        for token in sorted(found):
            if token.start < end or any(start <= token.start < stop for start, stop in literal):
                continue  # inside another, or said by the rule for credentials of connections
            end = token.end
            message = say("this looks like {what}, written out in the file", what=token.what)
            hint = say("remove it, and revoke it: it has been seen")
            yield Problem((), message, hint, span=document.span((token.start, token.end)), path=path)


def _literals(subject: Subject, document: Document) -> list[tuple[int, int]]:
    """Where credentials of connections are written out, and settings that are wrong anyway."""
    here = [route for path, route in subject.literals if (path or subject.document.path) == document.path]
    for fault in subject.faults:
        if fault.area == "connection" and (fault.path or subject.document.path) == document.path:
            here.append(fault.route)
    raw = [document.exact(Place(route)) for route in here if len(route) > 2]
    return [one for one in raw if one is not None]


def called_so(subject: Subject) -> Iterator[Problem]:
    for route in passwords(subject):
        name = route[-2] if route[-1] == "default" else route[-1]
        message = say("'{name}' looks like a credential, written out in the file", name=name)
        hint = say("keep it with the vendor: whatever a step is given is seen in plans and journals")
        yield Problem(route, message, hint)


RULES = (
    Rule("PF521", "secret-in-text", "error", say("a text has the shape of a credential"), shaped),
    Rule(
        "PF524",
        "password-parameter",
        "warning",
        say("a parameter is called a password and has a value"),
        called_so,
    ),
)
