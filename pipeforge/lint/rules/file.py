"""What the text of a file has wrong before it is a pipeline: passed on from the reading of every file."""

from collections.abc import Iterator

from pipeforge.language.diagnostics import Problem
from pipeforge.language.saying import Said, say
from pipeforge.lint.repairing import repair
from pipeforge.lint.rule import Check, Rule
from pipeforge.lint.subject import Subject


def _fault(name: str) -> Check:
    def check(subject: Subject) -> Iterator[Problem]:
        for path, document in subject.documents.items():
            for rule, problem in document.faults:
                if rule == name:
                    fix = problem.fix or repair(document, rule, problem)
                    yield problem._replace(path=path, fix=fix)
        for problem in subject.problems.get(name, ()):
            stray = subject.documents[problem.path or subject.document.path]
            yield problem._replace(fix=repair(stray, name, problem)) if name == "full-width" else problem

    return check


def _rule(code: str, name: str, summary: Said) -> Rule:
    return Rule(code, name, "error", summary, _fault(name))


RULES = (
    _rule("PF001", "syntax", say("the text is not YAML")),
    _rule("PF002", "encoding", say("the file is not UTF-8")),
    _rule("PF003", "repeated-key", say("a mapping has the same key twice")),
    _rule("PF004", "merge-key", say("YAML 1.1's merge key is used")),
    _rule("PF005", "mapping-as-key", say("a mapping is a key: most often an unquoted template")),
    _rule("PF006", "unknown-alias", say("an alias has no anchor above it")),
    _rule("PF007", "alias-bomb", say("aliases make the document grow beyond all bounds")),
    _rule("PF008", "too-deep", say("the nesting is deeper than 100 levels")),
    _rule("PF009", "tag", say("a value has a YAML tag")),
    _rule("PF010", "many-documents", say("the file holds more than one document")),
    _rule("PF011", "empty-file", say("the file is empty")),
    _rule("PF012", "not-a-mapping", say("the top of the file is no mapping")),
    _rule("PF013", "full-width", say("a full-width colon or blank stands where YAML wants a half-width one")),
    _rule("PF014", "odd-blank", say("a blank stands here that YAML takes for a letter")),
    _rule("PF015", "no-colon", say("a key has no colon, or no blank behind it")),
)
