"""What steps name at krewData: only the unit that their connection leads to, and asking costs a token."""

from pipeforge.adapter import Named
from pipeforge.language.saying import say

UNIT = (Named("unit", say("execution unit"), (), costs=True),)
