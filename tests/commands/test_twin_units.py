"""A pipeline whose connections lead to one krewData unit starts nothing: its limits hold for a connection."""

PIPELINE = """
name: twins
connections:
  floor: &floor
    vendor: krewdata
    unit_id: ${{ secrets.KREWDATA_UNIT }}
    serial_number: ${{ secrets.KREWDATA_SERIAL }}
    krewdata_app_url: https://example.cybozu.com/k/123
  shop: *floor
steps:
  one: {uses: krewdata.run_unit, connection: floor, with: {app_id: 55, user: batch}}
  two: {uses: krewdata.run_unit, connection: shop, with: {app_id: 55, user: batch}}
"""


def test_two_names_of_one_unit_are_refused_before_anything_starts(shell):
    shell.write("p.yaml", PIPELINE)
    done = shell("run", "p.yaml")
    assert done.code == 1
    assert "PF416" in done.text
    assert "connections 'floor' and 'shop' lead to the same place" in done.text
    assert "use 'floor' in all steps" in done.text
    assert shell.runs() == []
