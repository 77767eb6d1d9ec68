"""What other tools have and a pipeline has not: their words, and what to do instead."""

from collections.abc import Mapping

from pipeforge.language.saying import Said, say

_CRON = say("a pipeline does not say when it runs: start `pipeforge run` from cron or CI")
_MACHINE = say("steps run at the vendors: there is no machine to choose")
_TOP = say("a pipeline is one mapping, with name: and steps: at its top")
_AFTER = say("write a step that needs it, with run_when: failure, success or always")
_LIMIT = say("write limits: {running: …} in the connection")
_OPERATION = say("a step is one operation of a vendor: write uses: with a kind, such as trocco.run_job")
_NOTE = say("there is no such thing here; write it into description:")
_BESIDE = say("steps are not nested: write them side by side, with needs:")
_OPPOSITE = say("write if: with the opposite condition")
_OUTPUTS = say("outputs are fixed by the kind; read them as steps.<id>.outputs.<name>")

_WHEN = (
    "schedule_interval timetable start_date end_date catchup schedules event workflow_dispatch trigger sla "
    "startingDeadlineSeconds is_paused_upon_creation suspend"
)
_RUNNER = (
    "runs-on runs_on container services image resources nodeSelector node_selector volumes tolerations "
    "affinity serviceAccountName podGC ttlStrategy imagePullSecrets executor workerGroup worker_group"
)
_HANDLERS = (
    "errors finally afterExecution onExit on_exit hooks handlerOn handler_on handlers _error _check "
    "on_failure on_success onFailure onSuccess on_failure_callback on_success_callback on_retry_callback "
    "mailOn mail_on mailOnError mail_on_error email email_on_failure email_on_retry notifications notify smtp"
)


def _each(words: str, hint: Said) -> dict[str, Said]:
    return dict.fromkeys(words.split(), hint)


ABSENT_OF_PIPELINE: Mapping[str, Said] = {
    **_each(_WHEN, _CRON),
    **_each(f"{_RUNNER} permissions", _MACHINE),
    **_each(_HANDLERS, _AFTER),
    **_each("apiVersion kind metadata spec", _TOP),
    **_each("namespace labels tags owner owners group access revision doc_md", _NOTE),
    **_each("max_active_tasks parallelism max_active_steps maxActiveSteps max_parallel", _LIMIT),
    **_each(
        "include includes import imports extends", say("there are no includes; anchors work within a file")
    ),
    **_each(
        "models seeds snapshots sources macros",
        say("dbt builds its models itself: here are steps at vendors"),
    ),
    "entrypoint": say("there is no first step: each starts when its needs are over"),
    "outputs": say("a pipeline gives nothing back; its steps have outputs"),
    "disabled": say("a pipeline runs only when something starts it"),
    "enabled": say("a pipeline runs only when something starts it"),
    "execute_steps": _OPERATION,
    "+": say("steps stand under steps:, without the +"),
    ">": _OPERATION,
}
"""Of Airflow, Argo, Dagu, dbt, Digdag, GitHub Actions and Kestra. `+`, `>`: keys that begin, that end so."""

ABSENT_OF_DEFAULTS: Mapping[str, Said] = {
    **_each("retry_delay retry_interval retryDelay", say("write delay: below retry:")),
    **_each("max_retry_delay", say("write max_delay: below retry:")),
    **_each("retry_exponential_backoff", say("write backoff: exponential below retry:")),
    **_each(
        "depends_on_past wait_for_downstream", say("a run does not wait for earlier ones; see concurrency:")
    ),
    **_each(_WHEN, _CRON),
    **_each(_HANDLERS, _AFTER),
    **_each("owner owners tags labels", _NOTE),
}
ABSENT_OF_STEP: Mapping[str, Said] = {
    **_each(f"{_WHEN} schedule cron triggers", _CRON),
    **_each(f"{_RUNNER} shell working-directory working_dir workingDir dir permissions", _MACHINE),
    **_each("run command commands cmd script sql bash_command python_callable code query", _OPERATION),
    **_each("pool pool_slots priority priority_weight queue max_active_tis_per_dag mutex", _LIMIT),
    **_each("task_id step_id key", say("the step's id is its key under steps:")),
    **_each("_parallel _background", say("steps that do not need each other run side by side anyway")),
    **_each("steps tasks jobs _do dag", _BESIDE),
    **_each("unless skip_if skipIf", _OPPOSITE),
    **_each("output register store", _OUTPUTS),
    **ABSENT_OF_DEFAULTS,
    **_each(
        "depends_on_past wait_for_downstream", say("a run does not wait for earlier ones; see concurrency:")
    ),
    **_each("labels tags owner group", _NOTE),
    **_each("disabled enabled", say("write if: false to leave a step out")),
    "_export": say("write custom_variables: at the top, and parameters under with:"),
    "+": _BESIDE,
    ">": _OPERATION,
}
ABSENT_OF_RETRY: Mapping[str, Said] = _each(
    "on retry_on when conditions exit_codes exit_code retryPolicy",
    say("only a definite failure is tried again; on_ambiguous says what to do with a lost answer"),
)
ABSENT_OF_FOREACH: Mapping[str, Said] = _each(
    "fail-fast fail_fast failFast", say("every item runs; the step fails when one of them does")
)

STANDS_FOR: Mapping[Said, str] = {_OPERATION: "uses", _TOP: "steps", _BESIDE: "uses"}
"""By mend, the key of ours that is not missed beside such a word."""
RUN_WHEN: Mapping[str, str] = {
    **dict.fromkeys(("all_success", "none_failed", "success()", "succeeded"), "success"),
    **dict.fromkeys(
        ("one_failed", "all_failed", "failure()", "failed", "one_failure", "on_failure"), "failure"
    ),
    **dict.fromkeys(("all_done", "always()", "all_done_setup_success", "completed", "on_exit"), "always"),
}
"""What other tools' conditions on how the needs went are called here."""
