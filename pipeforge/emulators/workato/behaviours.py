"""What the Workato emulator does and how well each of it is known."""

from pipeforge.emulators.core import Behaviour

OEM = "the vendor's documents of the embedded recipe API"
DEVELOPER = "the vendor's documents of the developer API"
LIVE = "answers recorded on a trial workspace through the developer API"
SCREEN = "the web application's own calls, seen live"
PRODUCT = "the vendor's product documents on triggers, starting and stopping"
CLIENT = "the specification that the vendor's own command line client is made from"
NOBODY = "nobody says"

BEHAVIOURS = (
    Behaviour("both families work on one workspace; the embedded one behaves as the other", "inferred", LIVE),
    Behaviour("a customer is named by numeric id, or by E and external id, percent-encoded", "stated", OEM),
    Behaviour("a bearer token is wanted; the legacy pair only if switched on", "stated", DEVELOPER),
    Behaviour("embedded lists come in result and one recipe as a list of one", "stated", OEM),
    Behaviour("developer lists come in items and one recipe bare", "stated", DEVELOPER),
    Behaviour("recipes are listed by id downwards, 10 a page, at most 100", "stated", OEM),
    Behaviour("a larger per_page is cut to 100", "chosen", NOBODY),
    Behaviour("since_id leaves smaller ids; stopped_after leaves out what was stopped later", "stated", OEM),
    Behaviour("running=false is no filter; active is another name for running", "chosen", "they disagree"),
    Behaviour(
        "developer lists also take updated_after and exclude_code (code comes empty)", "stated", CLIENT
    ),
    Behaviour("an order, tags and folders below are asked for in vain", "chosen", NOBODY),
    Behaviour("a recipe is created with the fields wrapped in recipe, or bare", "inferred", LIVE),
    Behaviour("code and config are JSON in texts, folder_id is a text; anything else: 400", "inferred", LIVE),
    Behaviour(
        "the developer family wants code for a new recipe, the embedded one nothing", "stated", DEVELOPER
    ),
    Behaviour("a new recipe is stopped, version 1, with a greater id than any before", "inferred", LIVE),
    Behaviour("names need not differ; one has 1 to 255 characters", "stated", PRODUCT),
    Behaviour(
        "an update replaces what is given; each is a version, also one that changes nothing", "inferred", LIVE
    ),
    Behaviour("update and delete of a running recipe: 200, success false, errors", "stated", LIVE),
    Behaviour("a recipe that is being activated counts as running for them", "chosen", NOBODY),
    Behaviour("a deleted recipe takes its jobs along; its id never comes again", "chosen", NOBODY),
    Behaviour("a connection id that is unknown becomes null without a word", "stated", SCREEN),
    Behaviour("a recipe without lines, or with a lost connection, is refused its start", "inferred", LIVE),
    Behaviour("a connection line without a name: the recipe never becomes active", "stated", LIVE),
    Behaviour("copy wants folder_id as a text; connect wants a stopped recipe", "stated", LIVE),
    Behaviour(
        "public recipes are searched in pages from 0, at most 20 each; applications: query or body",
        "stated",
        OEM,
    ),
    Behaviour(
        "a public recipe is found by any of the connectors, and by a text in name or description",
        "inferred",
        OEM,
    ),
    Behaviour("the public recipes that there are without a list", "chosen", NOBODY),
    Behaviour(
        "folders directly below the root folder are projects, with ids of their own", "inferred", CLIENT
    ),
    Behaviour("one recipe's lines and connections travel as one file in a zip archive", "stated", CLIENT),
    Behaviour(
        "an import finds recipes by name and folder; what is so already is left alone", "inferred", CLIENT
    ),
    Behaviour("an import is refused while its recipes run, unless they may be restarted", "stated", CLIENT),
    Behaviour("seconds until a package is ready", "chosen", NOBODY),
    Behaviour("start is acknowledged, running becomes true later", "stated", LIVE),
    Behaviour("a refused start answers 200, success false, code_errors and config_errors", "stated", LIVE),
    Behaviour("start of a running recipe succeeds and does nothing", "chosen", NOBODY),
    Behaviour("stop of a stopped recipe succeeds; stop calls off an activation", "inferred", SCREEN),
    Behaviour("a recipe that starts polls its source at once", "stated", PRODUCT),
    Behaviour("an event becomes one job, in order, never twice, also after a stop", "stated", PRODUCT),
    Behaviour("jobs of a recipe run one after the other", "stated", PRODUCT),
    Behaviour("a stop lets a running job end and keeps waiting ones until the next start", "stated", PRODUCT),
    Behaviour("stopped_at stays after a start; stop_cause does not", "inferred", OEM),
    Behaviour("poll_now answers success without a job id; jobs come later, or none", "stated", OEM),
    Behaviour("a back-off comes as 429 with Retry-After or as a plain message", "stated", OEM),
    Behaviour("the time in a back-off's message is UTC", "chosen", NOBODY),
    Behaviour("quota, credit and trial answers of poll_now", "stated", OEM),
    Behaviour("poll_now on a recipe that does not run: 400", "chosen", NOBODY),
    Behaviour("poll_now on a trigger that does not poll: success and no job", "chosen", NOBODY),
    Behaviour("poll_now exists in the developer family too", "inferred", OEM),
    Behaviour(
        "a trigger error makes no job; 60 in a row stop the recipe",
        "stated",
        PRODUCT,
    ),
    Behaviour("reset_trigger puts the cursor to the beginning; waiting jobs go first", "stated", OEM),
    Behaviour("reset_trigger of a trigger that does not poll succeeds and does nothing", "stated", OEM),
    Behaviour("one job's lines are those of the recipe; line_stat has made-up numbers", "chosen", NOBODY),
    Behaviour("jobs are listed newest first, 25 a page, whatever per_page asks for", "inferred", SCREEN),
    Behaviour("offset_job_id leads to older jobs, with prev=true to newer ones", "stated", OEM),
    Behaviour("an offset_job_id that is unknown leaves an empty page", "chosen", NOBODY),
    Behaviour("the counts of a job list are of all jobs of the recipe", "inferred", DEVELOPER),
    Behaviour("pending covers jobs that wait and jobs that run", "inferred", DEVELOPER),
    Behaviour("a canceled job is counted neither as succeeded nor as failed", "chosen", NOBODY),
    Behaviour("job ids are opaque text in no order", "stated", DEVELOPER),
    Behaviour("an embedded job list is shaped as a developer one", "inferred", DEVELOPER),
    Behaviour("without a list every recipe exists and runs, and each poll finds one event", "chosen", NOBODY),
    Behaviour("seconds for activation, polls and jobs", "chosen", NOBODY),
    Behaviour("the body of a plain 429", "chosen", NOBODY),
)
