"""What the text of a file has wrong before it is a pipeline: passed on from the reading of every file."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Problem
from pipeforge.lint.full_width import in_text
from pipeforge.lint.repairing import repair
from pipeforge.lint.rule import Check, Rule
from pipeforge.lint.subject import Subject


def _fault(name: str) -> Check:
    def check(subject: Subject) -> Iterator[Problem]:
        for path, document in subject.documents.items():
            for rule, problem in document.faults:
                full_width = in_text(document, problem) if rule == "syntax" else None
                if name == ("full-width" if full_width else rule):
                    problem = full_width or problem
                    yield problem._replace(path=path, fix=repair(document, rule, problem))
        for problem in subject.problems.get(name, ()):
            stray = subject.documents[problem.path or subject.document.path]
            yield problem._replace(fix=repair(stray, name, problem)) if name == "full-width" else problem

    return check


def _rule(code: str, name: str, summary: str) -> Rule:
    return Rule(code, name, "error", summary, _fault(name))


RULES = (
    _rule("PF001", "syntax", "the text is not YAML"),
    _rule("PF002", "encoding", "the file is not UTF-8"),
    _rule("PF003", "repeated-key", "a mapping has the same key twice"),
    _rule("PF004", "merge-key", "YAML 1.1's merge key is used"),
    _rule("PF005", "mapping-as-key", "a mapping is a key: most often an unquoted template"),
    _rule("PF006", "unknown-alias", "an alias has no anchor above it"),
    _rule("PF007", "alias-bomb", "aliases make the document grow beyond all bounds"),
    _rule("PF008", "too-deep", "the nesting is deeper than 100 levels"),
    _rule("PF009", "tag", "a value has a YAML tag"),
    _rule("PF010", "many-documents", "the file holds more than one document"),
    _rule("PF011", "empty-file", "the file is empty"),
    _rule("PF012", "not-a-mapping", "the top of the file is no mapping"),
    _rule("PF013", "full-width", "a full-width colon or blank stands where YAML wants a half-width one"),
)
