"""The words other tools use for what we call otherwise, and ours for them."""

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import BaseModel

from pipeforge.language.model import (
    ConcurrencyPolicy,
    Defaults,
    ForeachPolicy,
    Pipeline,
    PollPace,
    RetryPolicy,
    Step,
)
from pipeforge.language.saying import Said, say
from pipeforge.lint.other_tools import (
    ABSENT_OF_DEFAULTS,
    ABSENT_OF_FOREACH,
    ABSENT_OF_PIPELINE,
    ABSENT_OF_RETRY,
    ABSENT_OF_STEP,
)

Words = Mapping[type[BaseModel], Mapping[str, str]]
Mends = Mapping[type[BaseModel], Mapping[str, Said]]

_NEEDS = (
    "depends_on dependsOn dependencies depends after requires upstream upstreams upstream_tasks "
    "wait_for deps parents runAfter upstream_task_ids"
)
_USES = "task type action operator op call plugin kind job component template templateRef _type"
_WITH = (
    "parameters params param args arguments input inputs config configuration options body "
    "properties vars op_kwargs op_args payload step_args"
)
_IF = "when condition conditions only_if runIf precondition preconditions if> expression"
_RUN_WHEN = "trigger_rule triggerRule run_on on runWhen"
_RETRY = (
    "_retry retries retry_policy retryPolicy retryStrategy retry_strategy repeat_policy repeatPolicy "
    "max_retries maxRetries"
)
_FOREACH = (
    "for_each for_each> forEach loop loop> with_items withItems withParam matrix strategy each map "
    "withSequence for_range>"
)
_TIMEOUT = (
    "timeout_minutes timeout-minutes timeout_seconds timeoutSec execution_timeout activeDeadlineSeconds "
    "time_limit max_time timeoutSeconds timeoutInMinutes timeout_in_minutes timeout_sec deadline"
)
_ALLOW = (
    "continue-on-error continue_on_error continueOn allowFailure ignore_errors soft_fail "
    "ignore_failure allow-failure continueOnError"
)
_CONNECTION = "connection_id conn conn_id connections account auth credentials"

_STEPS = "jobs tasks nodes stages workflow flow dag templates task_groups activities"
_VARIABLES = "variables vars params parameters inputs input args arguments _export env_vars"
_NAME = "id dag_id title pipeline flow_id workflow_name generateName"
_TIMEZONE = "tz time_zone timeZone"


def _table(**words: str) -> dict[str, str]:
    return {word: ours.rstrip("_") for ours, listed in words.items() for word in listed.split()}


_STEP = {
    **_table(
        needs=_NEEDS,
        uses=_USES,
        with_=_WITH,
        if_=_IF,
        run_when=_RUN_WHEN,
        retry=_RETRY,
        foreach=_FOREACH,
        timeout=_TIMEOUT,
        allow_failure=_ALLOW,
        connection=_CONNECTION,
        description="desc comment label name summary doc doc_md notes displayName",
    )
}

FOREIGN: Words = {
    Pipeline: _table(
        steps=_STEPS,
        custom_variables=_VARIABLES,
        name=_NAME,
        timezone=_TIMEZONE,
        connections="accounts credentials profiles",
        defaults="default_args default pluginDefaults taskDefaults templateDefaults",
        concurrency="mutex maxActiveRuns max_active_runs synchronization concurrency_group",
        description="desc comment summary",
    ),
    Step: _STEP,
    RetryPolicy: _table(
        max_attempts=(
            "limit attempts count times max_retries retries maxAttempt maxAttempts maxRetries tries max_tries"
        ),
        delay="interval wait retry_delay intervalSec interval_sec initial_delay retry_interval duration",
        backoff="interval_type strategy type exponential_backoff",
        max_delay="max_interval max_retry_delay maxInterval maxDuration max_interval_sec",
    ),
    PollPace: _table(interval="every period delay pace poll_interval", max_interval="max_delay limit"),
    ForeachPolicy: _table(
        items="in over values list value each matrix from sequence withItems withParam",
        as_="name var variable item iterator loop_var item_name",
        max_parallel=(
            "concurrency max-parallel parallelism limit concurrencyLimit max_concurrency "
            "maxConcurrency max_concurrent _parallel"
        ),
    ),
    ConcurrencyPolicy: _table(
        key="group name mutex pool id",
        limit="max max_active_runs maxActiveRuns max_parallel slots size",
        on_conflict="behavior behaviour policy on_limit strategy mode",
    ),
    Defaults: _table(retry=_RETRY, timeout=_TIMEOUT, poll="polling"),
}
"""For each part of a pipeline, the words of GitHub Actions, Airflow, Argo, Kestra, Dagu, Digdag and dbt."""

ABSENT: Mends = {
    Pipeline: {
        **ABSENT_OF_PIPELINE,
        "on": say("a pipeline does not say when it runs: start `pipeforge run` from cron or CI"),
        "schedule": say("a pipeline does not say when it runs: start `pipeforge run` from cron or CI"),
        "cron": say("a pipeline does not say when it runs: start `pipeforge run` from cron or CI"),
        "triggers": say("a pipeline does not say when it runs: start `pipeforge run` from cron or CI"),
        "secrets": say(
            'secrets come from the environment or .env: write "${{ secrets.NAME }}" in a connection'
        ),
        "env": say("list the environment variables under env: in pipeforge.yaml"),
        "environments": say("environments stand in pipeforge.yaml"),
        "version": say("a pipeline has no version of its own; keep it in git"),
        "retry": say("write it under defaults:, for all steps, or in a step"),
        "timeout": say("write it under defaults:, for all steps, or in a step"),
    },
    Step: {
        **ABSENT_OF_STEP,
        "id": say("the step's id is its key under steps:"),
        "env": say("steps have no environment; give parameters under with:"),
        "outputs": say("outputs are fixed by the kind; read them as steps.<id>.outputs.<name>"),
        "parallel": say("steps that do not need each other run side by side anyway"),
        "secrets": say("secrets belong to connections"),
    },
    Defaults: ABSENT_OF_DEFAULTS,
    RetryPolicy: ABSENT_OF_RETRY,
    ForeachPolicy: ABSENT_OF_FOREACH,
}
"""Words for what has no key here, and what to do instead."""


class Vocabulary(NamedTuple):
    """What keys are called elsewhere."""

    foreign: Words
    absent: Mends


OURS = Vocabulary(FOREIGN, ABSENT)
