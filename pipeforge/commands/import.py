"""draw up a pipeline from what there is at a vendor, or from a kintone record"""

import argparse
import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeforge import adapters
from pipeforge.adapters import connections, importing
from pipeforge.adapters.drafts import Draft, StepDraft, slug
from pipeforge.commands import composing, linking, speaking
from pipeforge.commands.reporting import deliver
from pipeforge.commands.streams import out, talk
from pipeforge.commands.vendors import catalog
from pipeforge.errors import UsageError
from pipeforge.language import kintone
from pipeforge.language.reading import content
from pipeforge.language.secrets import EmulatedSecrets, Secrets, dotenv
from pipeforge.language.snippets import settings
from pipeforge.language.templating import Own
from pipeforge.lint.linter import check
from pipeforge.reports import diagnostics
from pipeforge.reports import drafts as report
from pipeforge.reports.display import amount

EXAMPLE = """examples:
  pipeforge import trocco 310                        a workflow: its tasks as steps
  pipeforge import reckoner 42 -o stores.yaml        a workflow: a step, and what is inside it
  pipeforge import treasure sales                    the workflows of a project
  pipeforge import workato 1389                      a recipe: a step that deploys it, its lines in a file
  pipeforge import kintone record.json --app-id 55 --user batch

Reads only. What is written lints clean; look through it before you run it."""


def arguments(parser: argparse.ArgumentParser) -> None:
    where = "where it is now: %(choices)s"
    parser.add_argument("vendor", choices=importing.Importable(), metavar="VENDOR", help=where)
    parser.add_argument("names", nargs="+", metavar="NAME", help="its number or name; of kintone a JSON file")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: the pipeline's name")
    parser.add_argument("--stdout", action="store_true", help="write no file, print the pipeline")
    parser.add_argument("--force", action="store_true", help="write over files that are there")
    parser.add_argument("--connection", metavar="NAME", help="where more than one is of the vendor")
    parser.add_argument("--env", metavar="NAME", help="an environment of pipeforge.yaml")
    parser.add_argument("--app-id", type=int, metavar="N", help="of kintone: the app the record is for")
    parser.add_argument("--user", metavar="LOGIN", help="of kintone: in whose name the unit runs")
    parser.add_argument("--emulate", action="store_true", help="ask the emulators instead of the vendor")
    parser.add_argument("--world", type=Path, metavar="FILE", help="the emulators' world, with --emulate")
    parser.set_defaults(file=None)
    speaking.language_argument(parser)


def run(args: argparse.Namespace) -> int:
    draft, brought, connection = _record(args) if args.vendor == "kintone" else _vendor(args)
    text = report.text(draft, brought, connection)
    if args.stdout:
        out(text)
        return 0
    path = args.output or Path(f"{draft.name}.yaml")
    # the pipeline last: one that is there has all that it names
    written = {path.parent / name: _json(value) for name, value in draft.files.items()}
    written[path] = text
    _refuse(written, force=args.force)
    for file, content_ in written.items():
        deliver(content_, file)
    files = "" if len(written) == 1 else f" and {amount(len(written) - 1, 'file')} beside it"
    talk(f"wrote '{path}' with {amount(len(draft.steps), 'step')}{files}\n")
    return _checked(path, args)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _refuse(written: Mapping[Path, str], *, force: bool) -> None:
    there = next((file for file in written if file.exists()), None)
    if there is not None and not force:
        raise UsageError(f"'{there}' is there already", "choose another name with -o, or say --force")


def _checked(path: Path, args: argparse.Namespace) -> int:
    """What lint says of it: nothing, as a rule; a vendor may allow what we do not."""
    found = check(path, catalog(), environment=args.env, language=speaking.language(args))
    if found.diagnostics:
        talk("\n" + diagnostics.full(found.diagnostics, found.texts, language=speaking.language(args)))
    return 1 if found.errors else 0


def _vendor(args: argparse.Namespace) -> tuple[Draft, Mapping[str, Mapping[str, Any]], str | None]:
    """What the vendor tells, the connection that the pipeline must bring, and the one its steps must name."""
    kind = importing.kind(args.vendor)
    source, name = composing.connection(kind, composing.found(args), args)
    emulated = linking.emulation(source, args.world) if args.emulate else None
    secrets = EmulatedSecrets() if args.emulate else Secrets(os.environ, dotenv(source.root))
    opened = linking.settings_of(name, source, secrets, emulated)
    client = connections.connect(name, opened, app=emulated.app if emulated else None)

    async def ask() -> Draft:
        try:
            return await importing.draft(args.vendor, client, args.names)
        finally:
            await client.aclose()

    draft = asyncio.run(ask())
    shared = name in source.project.connections
    brought = {} if shared else {name: _plain(source.own[name])}
    several = sum(one.get("vendor") == args.vendor for one in source.connections.values()) > 1
    return draft, brought, name if several else None


def _plain(connection: Mapping[str, Any]) -> dict[str, Any]:
    return {"vendor": connection["vendor"], **{k: v for k, v in connection.items() if k != "vendor"}}


def _record(args: argparse.Namespace) -> tuple[Draft, Mapping[str, Mapping[str, Any]], str | None]:
    """A kintone record, as its API and its browser tools give it. Raises UsageError."""
    if len(args.names) != 1 or args.app_id is None or not args.user:
        raise UsageError(
            "a kintone record is imported for an app and a user",
            "pipeforge import kintone record.json --app-id 55 --user batch",
        )
    path = Path(args.names[0])
    try:
        given = json.loads(content(path))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"'{path}' is no JSON: {error}", "export the record as JSON") from None
    record = given.get("record", given) if isinstance(given, dict) else given
    wrong = next((fault for fault in kintone.faults(record) if fault.severity == "error"), None)
    if wrong is not None:
        place = ".".join(map(str, wrong.route)) or "the file"
        raise UsageError(f"'{path}' is no kintone record: {place}: {wrong.message}", str(wrong.hint))
    name = slug(path.stem, "record").replace("-", "_")  # as a template can name it
    given = {"app_id": args.app_id, "user": args.user, "record": Own(f"${{{{ records.{name} }}}}")}
    step = StepDraft(f"send_{name}", "krewdata.run_unit", given)
    draft = Draft(
        name, f"Runs a krewData unit with the record in {path.name}.", (step,), records={name: record}
    )
    kind = adapters.kinds()["krewdata.run_unit"]
    known = [key for key, one in composing.found(args).connections.items() if one.get("vendor") == "krewdata"]
    brought = {} if known else {"krewdata": {"vendor": "krewdata", **settings(kind.connection)}}
    return draft, brought, known[0] if len(known) > 1 else None
