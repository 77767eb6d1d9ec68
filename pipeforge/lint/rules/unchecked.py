"""A file, folder or pattern that could not be checked at all: found before any rule can look."""

from pipeforge.language.saying import say
from pipeforge.lint.rule import Rule
from pipeforge.lint.unchecked import CODE, NAME

RULE = Rule(CODE, NAME, "error", say("a file cannot be read, or nothing is there to check"), lambda _: ())
