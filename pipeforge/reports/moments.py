"""Times as people are told them: in the pipeline's zone, with its offset."""

from datetime import UTC, datetime, tzinfo

from pipeforge.language.filters import FilterError, zone


def zone_of(name: str) -> tzinfo:
    """The zone of that name; UTC where this machine does not know what the one that wrote it knew."""
    try:
        return zone(name)
    except FilterError:
        return UTC


def moment(at: datetime, where: tzinfo) -> str:
    """Day, time and offset, as `--since` takes them."""
    return at.astimezone(where).isoformat(sep=" ", timespec="seconds")
