"""serve an editor over the language server protocol, on stdin and stdout"""

import argparse

from pipeforge import __version__, adapters
from pipeforge.commands import speaking
from pipeforge.commands.vendors import catalog
from pipeforge.errors import UsageError
from pipeforge.language.docstrings import field_docs
from pipeforge.loading import load
from pipeforge.reports import kinds as report
from pipeforge.reports.addresses import rule_page

EXAMPLE = """example, for an editor's settings:
  pipeforge lsp --stdio"""

_LIBRARIES = frozenset(["pygls", "lsprotocol", "attrs", "attr", "cattrs"])


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stdio", action="store_true", help="the only way there is; editors like to say it")
    speaking.language_argument(parser)


def run(args: argparse.Namespace) -> int:
    try:
        serve = load("pipeforge.lsp.server:serve")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _LIBRARIES:
            raise
        raise UsageError("the language server is not installed", "pip install 'pipeforge[lsp]'") from None
    language = speaking.language(args)
    reference = load("pipeforge.lsp.view:Reference")
    serve(
        reference(
            catalog(),
            lambda kind: report.page(kind, field_docs),
            _vendor,
            report.TEMPLATE_NAMES,
            rule_page,
            language,
        ),
        __version__,
    )
    return 0


def _vendor(vendor: str) -> str:
    settings = adapters.connection_model(vendor)
    kinds = [name for name in adapters.kinds() if name.startswith(f"{vendor}.")]
    return report.connection_page(vendor, settings, field_docs, settings.PRESET, kinds)
