"""The words that stand around findings, whatever the format."""

from collections.abc import Mapping

from pipeforge.language.saying import Said, say

HELP = say("help")

SEVERITIES: Mapping[str, Said] = {"error": say("error"), "warning": say("warning"), "info": say("info")}


def in_files(what: Said, count: int) -> Said:
    """`what` with the number of files that it is about."""
    where = say("1 file") if count == 1 else say("{count} files", count=count)
    return say("{what} in {files}", what=what, files=where)


def counted(findings: int) -> Said:
    return say("1 finding") if findings == 1 else say("{count} findings", count=findings)


def with_care(title: str, *, safe: bool) -> Said:
    """A fix's title, and that it wants a look when it may not be what the author meant."""
    return say("{title}", title=title) if safe else say("{title} (look at it first)", title=title)


def fix_available(title: str, *, safe: bool) -> Said:
    return say("fix available: {fix}", fix=with_care(title, safe=safe))
