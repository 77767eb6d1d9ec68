"""The words that stand around findings, whatever the format."""

from collections.abc import Mapping

from pipeforge.language.saying import Said, say

HELP = say("help")

SEVERITIES: Mapping[str, Said] = {"error": say("error"), "warning": say("warning"), "info": say("info")}


def with_care(title: str, *, safe: bool) -> Said:
    """A fix's title, and that it wants a look when it may not be what the author meant."""
    return say("{title}", title=title) if safe else say("{title} (look at it first)", title=title)


def fix_available(title: str, *, safe: bool) -> Said:
    return say("fix available: {fix}", fix=with_care(title, safe=safe))
