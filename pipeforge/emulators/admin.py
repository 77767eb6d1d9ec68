"""The endpoints under /_emulator: time, faults, what was asked, which jobs there are, what a person does."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route as StarletteRoute

from pipeforge.emulators.core import Behaviour, Json, Vendor
from pipeforge.emulators.dispatch import Floor
from pipeforge.emulators.faults import Fault
from pipeforge.emulators.world import explain


def endpoints(
    floor: Floor, vendors: Mapping[str, Vendor], behaviours: Mapping[str, tuple[Behaviour, ...]]
) -> list[StarletteRoute]:
    """All admin routes, to be mounted at /_emulator."""
    desk = _Admin(floor, vendors, behaviours)
    return [
        StarletteRoute("/clock", _told(desk.read_clock), methods=["GET"]),
        StarletteRoute("/clock", _told(desk.jump), methods=["POST"]),
        StarletteRoute("/faults", _told(desk.read_faults), methods=["GET"]),
        StarletteRoute("/faults", _told(desk.set_faults), methods=["POST"]),
        StarletteRoute("/faults", _told(desk.clear_faults), methods=["DELETE"]),
        StarletteRoute("/calls", _told(desk.read_calls), methods=["GET"]),
        StarletteRoute("/jobs", _told(desk.read_jobs), methods=["GET"]),
        StarletteRoute("/act", _told(desk.act), methods=["POST"]),
        StarletteRoute("/behaviours", _told(desk.read_behaviours), methods=["GET"]),
    ]


def _told(tell: Callable[[Request, Json], Json]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint from a function of the request and its JSON body; a ValueError becomes a 400."""

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        try:
            return JSONResponse(tell(request, json.loads(body) if body else None))
        except ValidationError as error:
            return JSONResponse({"error": explain(error, "fault")}, 400)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)

    return endpoint


class _Admin:
    """What the endpoints do."""

    def __init__(
        self, floor: Floor, vendors: Mapping[str, Vendor], behaviours: Mapping[str, tuple[Behaviour, ...]]
    ) -> None:
        self._floor = floor
        self._vendors = vendors
        self._behaviours = behaviours

    def read_clock(self, _: Request, __: Json) -> Json:
        return {"now": self._floor.clock.now(), "jumped": self._floor.clock.jumped}

    def jump(self, request: Request, body: Json) -> Json:
        seconds = body.get("jump") if isinstance(body, dict) else None
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or seconds < 0:
            raise ValueError('say {"jump": seconds} with seconds from 0 up')
        self._floor.clock.jump(seconds)
        self._floor.save()
        return self.read_clock(request, body)

    def read_faults(self, _: Request, __: Json) -> Json:
        return self._floor.script.dump()

    def set_faults(self, request: Request, body: Json) -> Json:
        rows = body if isinstance(body, list) else [body]
        self._floor.script.add([Fault.model_validate(row) for row in rows])
        self._floor.save()
        return self.read_faults(request, body)

    def clear_faults(self, request: Request, body: Json) -> Json:
        self._floor.script.clear()
        self._floor.save()
        return self.read_faults(request, body)

    def read_calls(self, request: Request, _: Json) -> Json:
        name = request.query_params.get("vendor")
        self._named(name)
        return self._floor.calls.rows(name)

    def read_jobs(self, request: Request, _: Json) -> Json:
        chosen = self._named(request.query_params.get("vendor"))
        return {name: vendor.jobs() for name, vendor in chosen.items()}

    def act(self, _: Request, body: Json) -> Json:
        if not isinstance(body, dict) or not isinstance(body.get("vendor"), str):
            raise ValueError('say {"vendor": ..., "action": ..., and what the action needs}')
        acts = self._named(body["vendor"])[body["vendor"]].acts
        action = str(body.get("action"))
        if action not in acts:
            raise ValueError(f'unknown action "{action}"; there is {", ".join(acts) or "none"}')
        done = acts[action]({key: value for key, value in body.items() if key not in ("vendor", "action")})
        self._floor.save()
        return done

    def read_behaviours(self, _: Request, __: Json) -> Json:
        return {name: [asdict(row) for row in rows] for name, rows in self._behaviours.items()}

    def _named(self, name: str | None) -> Mapping[str, Vendor]:
        if name is None:
            return self._vendors
        if name not in self._vendors:
            raise ValueError(f'unknown vendor "{name}"; there is {", ".join(self._vendors)}')
        return {name: self._vendors[name]}
