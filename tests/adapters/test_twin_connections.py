"""Two connections to one krewData unit are refused: each would start it as often as it may be started."""

import pytest

from pipeforge.adapters import connection_model
from pipeforge.adapters.connections import refuse_twins
from pipeforge.errors import UsageError

SERIAL = "abcdef-jklmno-pqrstu-xyz123-456789"
BASE = "https://api.krewdata.grapecity.com/trigger/v1"


def unit(unit_id, **more):
    settings = {"unit_id": unit_id, "serial_number": SERIAL, "krewdata_app_url": "https://x.cybozu.com/k/1"}
    return connection_model("krewdata").model_validate({"vendor": "krewdata", **settings, **more})


@pytest.mark.parametrize("more", [{}, {"base_url": f"{BASE}/"}, {"limits": {"starts": "1/1m"}}], ids=str)
def test_one_unit_by_two_names_is_refused_without_telling_it(more):
    with pytest.raises(UsageError, match="'a' and 'c'") as caught:
        refuse_twins({"a": unit("unit-1"), "b": unit("unit-2"), "c": unit("unit-1", **more)})
    assert "unit-1" not in caught.value.message + caught.value.hint


def test_different_units_and_other_vendors_stand_side_by_side():
    trocco = connection_model("trocco").model_validate({"vendor": "trocco", "api_key": "tra_0123456789"})
    refuse_twins({"a": unit("unit-1"), "b": unit("unit-2"), "t": trocco, "u": trocco})
    refuse_twins({"a": unit("unit-1"), "b": unit("unit-1", base_url="https://elsewhere.example/v1")})
