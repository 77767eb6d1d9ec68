"""What must be true of a step after any fault, by the vendor's own record: few laws, and small tables."""

from crash_scenarios import kind_of
from fault_cases import status_of
from fault_plays import TIMEOUT
from vendor_project import SECRETS

from pipeforge.adapter import Guarantee, Outcome, Role

DONE = {"succeeded", "success", "Success", "COMPLETED"}
"""The vendors' words for a job that did what it should."""

SILENT = {"lose_answer", "drop", "slow", "html", "empty", "truncated", "server_error", "nulls", "wrapped"}
"""Faults that tell nothing, neither for good nor for bad."""

DONE_SILENTLY = {"lose_answer", "empty", "truncated", "nulls", "wrapped"}

KEPT = {"wrong_types", "backwards", "unknown_status"}
"""Faults whose answer to a start still tells the job."""

SOON = {
    ("treasure", "limit_reached"),
    ("workato", "back_off"),
    ("workato", "back_off_as_success"),
    ("krewdata", "token_expired"),
    ("krewdata", "token_invalid"),
    ("reckoner", "token_expired"),
}
"""Refusals that say: not now, or not so."""

OF_STARTS = {("treasure", "limit_reached")}
"""Of those, the ones that nothing but the start of a job is told: elsewhere they are like any."""

FINAL = {("krewdata", "rate_limited"), ("workato", "no_credit"), ("workato", "no_quota")}
"""Of those with 429, the ones that another try does not help (where they belong: at a poll)."""

UNLISTED = {"emptied", "nulls"}
"""Faults that leave what a step names out of a list."""

RIDDLES = {("krewdata", "token_used")}
"""Refusals of a first request that only a second one could have got."""

BARRED = 403
"""Of a page that a firewall answers with: a refusal of what is safe to ask, a doubt of all else."""

SHOWN = {"trocco", "workato", "krewdata"}
"""Vendors with a page whose address is known (Treasure's is, for its own hosts)."""

LIES = {
    ("workato", "emptied"),  # no job is what a poll of a source without news has
}
"""What is believed of a vendor."""

SLACK = 2_500.0
"""Seconds beyond a step's timeout: waits that were under way, grace, and recovery."""


def wrong(case, played):
    """What is wrong; empty if nothing is."""
    found = _lies(case, played) or _beyond(case, played)
    if not found:
        return ""
    it = played.it
    jobs = [job["status"] for job in played.jobs]
    told = f"it {it.outcome} {it.word} ({it.detail} | {it.hint}), jobs {jobs}, after {played.after}"
    return f"{case}: {found}: {told}"


def _lies(case, played):
    """What no fault whatsoever excuses."""
    it, after, jobs = played.it, played.state.steps.get("after"), played.jobs
    outcome = it.outcome
    own = () if kind_of(case.base.name).guarantee is Guarantee.IDEMPOTENT else jobs
    if len(jobs) > max(len(case.base.played.jobs), 1):
        return "too many jobs"
    if (outcome is Outcome.SUCCEEDED) != (played.after == 1) or played.after > 1:
        return "the step after does not go with it"
    if "unexpected " in _without(played.text, "gave an unexpected answer") or "a defect" in played.text:
        return "a defect"
    if any(secret in played.text for secret in SECRETS.values()):
        return "a secret"
    if outcome is Outcome.SUCCEEDED and own and own[-1]["status"] not in DONE:
        return "no success"
    if outcome is Outcome.FAILED and own and own[-1]["status"] in DONE and not _blind(case):
        return "no failure"
    if outcome is Outcome.UNKNOWN and not ("look" in it.hint and after and after.outcome is Outcome.BLOCKED):
        return "an unknown that does not say what to look at"
    if outcome is Outcome.UNKNOWN and case.base.vendor in SHOWN and not it.link:
        return "an unknown that does not say where to look"
    timeout = case.base.scene.step.get("timeout", TIMEOUT)
    if played.seconds > timeout + SLACK:
        return f"it took {played.seconds:.0f}s"
    return ""


def _without(text, harmless):
    return text.replace(harmless, "")


def _blind(case):
    """Whether the vendor shows something else than there is, in a way that nobody can tell from the truth."""
    return (case.base.vendor, case.fault["do"]) in LIES


def _beyond(case, played):
    """What is not among the ends that the fault allows."""
    base, it = case.base.played, played.it
    usual = str(base.it.outcome)
    ends = {usual} if not played.struck else allowed(case)
    if ends is None:
        return ""
    if str(it.outcome) not in ends:
        return f"not one of {sorted(ends)}"
    if str(it.outcome) == usual and usual != "unknown" and len(played.jobs) != len(base.jobs):
        return f"{len(played.jobs)} jobs for {len(base.jobs)}"
    if str(it.outcome) == "failed" and usual != "failed" and len(played.jobs) >= max(len(base.jobs), 1):
        return "refused, and yet there is a job"
    return ""


def allowed(case):
    """The outcomes that a fault may lead to; None where only the truth counts."""
    usual = str(case.base.played.it.outcome)
    if case.place == "later":
        return _later(case, usual)
    if case.nth is None:
        return None
    if case.place == "before":
        return _before(case, usual)
    return _start(case, usual) if case.base.scene.name in ("plain", "timeout") else None


def _later(case, usual):
    """A look, a request to cancel, a question after a lost start, or what is read for another attempt."""
    ends = {usual}
    if _misleads(case) and case.base.scene.name == "retried":
        ends.add("failed")
    if _asks(case) and (_misleads(case) or case.nth is None):
        ends.add("unknown")
    if not case.nth and not case.first:
        return ends | {"timed_out"} if case.everywhere_later and not _blind(case) else None
    return ends


def _before(case, usual):
    """What is read before a start, once: it is read again, or it was refused and nothing is started."""
    if not _misleads(case):
        return {usual}
    return {usual, "failed", "unknown"} if _asks(case) else {usual, "failed"}


def _asks(case):
    """Whether the scene has a question what became of a start."""
    return case.base.scene.name.startswith(("start", "resumed")) and case.base.scene.name != "resumed after"


def _misleads(case):
    """Whether a read is refused, or does not show what there is."""
    status = case.fault.get("status", status_of(case.base.vendor, case.fault["do"])) or 0
    final = (case.base.vendor, case.fault["do"]) in FINAL
    refused = 200 <= status < 300 or (400 <= status < 500 and status != 429)  # some refuse with 200
    return final or case.fault["do"] in UNLISTED or refused


def _soon(case, name):
    return name in SOON and (name not in OF_STARTS or kind_of(case.base.name).role is Role.RUNS)


def _start(case, usual):
    """One answer to a start."""
    name = (case.base.vendor, case.fault["do"])
    if name in RIDDLES:
        return {usual, "unknown"}
    if _refused(case):
        return {"failed", usual} if name in FINAL else {"failed"}
    if case.fault["do"] in SILENT:
        return _silent(case, usual)
    return {usual}


def _silent(case, usual):
    """By guarantee and whether the work was done: whether the job can be found, or made certainly once."""
    guarantee = kind_of(case.base.name).guarantee
    done = case.fault.get("after", case.fault["do"] in (*DONE_SILENTLY, "slow"))
    late = case.fault["do"] == "slow" and not done
    if guarantee in (Guarantee.EXACTLY_ONCE, Guarantee.IDEMPOTENT):
        return {usual, "failed"} if case.fault.get("status") == BARRED else {usual}
    if guarantee is Guarantee.JOURNALED:
        return {"unknown"}
    if guarantee is Guarantee.AT_MOST_ONCE:
        return {"unknown"} if done else {usual, "unknown"} if late else {usual}
    return {usual} if done else {usual, "unknown"}


def _refused(case):
    """Whether the fault refuses a start for good."""
    vendor, do = case.base.vendor, case.fault["do"]
    status = status_of(vendor, do)
    if status is None or status >= 500 or _soon(case, (vendor, do)):
        return False
    return status != 429 or (vendor, do) in FINAL
