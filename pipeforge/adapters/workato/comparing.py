"""Whether a recipe is what was asked for: pure. When in doubt it is not, which costs one version at most."""

import json
from collections.abc import Mapping, Sequence

from pipeforge.adapter import Json
from pipeforge.adapters.workato.wire_recipes import FullRecipe

_DEFAULTS = (None, False, "")


def same(fields: Mapping[str, str], recipe: FullRecipe) -> bool:
    """`fields` as they are sent; what is not among them does not count."""
    return (
        fields.get("name") in (None, recipe.name)
        and fields.get("folder_id") in (None, str(recipe.folder_id))
        and ("code" not in fields or json.loads(fields["code"]) == recipe.lines())
        and ("config" not in fields or _set(json.loads(fields["config"])) == _set(recipe.config))
    )


def _set(lines: Sequence[Mapping[str, Json]]) -> list[str]:
    """In no order, without what Workato fills in where it is left out."""
    bare = [{key: value for key, value in line.items() if value not in _DEFAULTS} for line in lines]
    return sorted(json.dumps(line, sort_keys=True) for line in bare)
