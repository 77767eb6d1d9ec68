"""Acme's reports as steps: where its parts are, each imported when it is first needed."""

from pipeforge.adapters.vendor import Vendor

ACME = Vendor(
    name="acme",
    kinds={
        "acme.run_report": "pipeforge_acme.kinds:RUN_REPORT",
        "acme.get_report": "pipeforge_acme.kinds:GET_REPORT",
    },
    connection="pipeforge_acme.kinds:AcmeConnection",
    client="pipeforge_acme.client:AcmeClient",
    adapters="pipeforge_acme.steps:ADAPTERS",
    inspector="pipeforge_acme.looking:inspect",
    importer="pipeforge_acme.looking:draft",
    emulator="pipeforge_acme.emulator:PACKAGE",
)
