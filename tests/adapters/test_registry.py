"""The registry, and what importing it costs: names without vendors, kinds without the network."""

import ast
import inspect
import itertools
import subprocess
import sys
import textwrap

import pytest
from pydantic import SecretStr

from pipeforge.adapter import Guarantee, Kind
from pipeforge.adapters import CONNECTIONS, KINDS, VENDORS, connection_model, kinds

HEAVY = ("httpx", "aiohttp", "cryptography", "asyncio", "anyio", "ssl", "networkx")
SCRIPT = """
import sys
{code}
heavy = {heavy!r}
others = ["pipeforge.adapters." + name for name in {others!r}]
def found(name):
    return name.split(".")[0] in heavy or ".".join(name.split(".")[:3]) in others
print([name for name in sys.modules if found(name)])
"""


def imported(code, others):
    script = SCRIPT.format(code=code, heavy=HEAVY, others=others)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_registry_imports_no_vendor_and_nothing_heavy():
    code = "import pipeforge.adapters as a; assert 'trocco.run_job' in a.kinds(); list(a.kinds())"
    assert imported(code, list(VENDORS)) == "[]"


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendors_kinds_import_nothing_heavy_and_no_other_vendor(vendor):
    names = [name for name in KINDS if name.startswith(vendor)]
    code = (
        f"import pipeforge.adapters as a; a.connection_model({vendor!r}); [a.kinds()[n] for n in {names!r}]"
    )
    assert imported(code, [other for other in VENDORS if other != vendor]) == "[]"


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_complete(name):
    kind = kinds()[name]
    assert isinstance(kind, Kind)
    assert kind.name == name
    assert kind.connection is connection_model(kind.vendor)
    assert kind.doc
    assert kind.recovery or kind.guarantee is Guarantee.IDEMPOTENT
    for model in (kind.params, kind.outputs, kind.connection):
        assert set(model.model_fields) <= {field for cls in model.__mro__ for field in _documented(cls)}


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_connection_names_its_vendor_and_hides_its_credentials(vendor):
    model = connection_model(vendor)
    secret = [name for name, field in model.model_fields.items() if SecretStr in _types(field.annotation)]
    assert model.model_fields["vendor"].annotation.__args__ == (vendor,)
    assert secret


def _documented(cls):
    """The fields of a class that a docstring follows."""
    if cls is object or cls.__module__.startswith("pydantic"):
        return []
    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0].body
    return [
        field.target.id
        for field, text in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    ]


def _types(annotation):
    """The annotation and everything inside it."""
    inner = getattr(annotation, "__args__", ())
    return (annotation, *(each for part in inner for each in _types(part)))


def test_an_unknown_name_is_a_key_error():
    assert "trocco.fly" not in kinds()
    with pytest.raises(KeyError):
        kinds()["trocco.fly"]
    assert set(CONNECTIONS) == set(VENDORS)
