import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Optional;
import com.google.inject.Binder;
import com.google.inject.Injector;
import com.google.inject.multibindings.Multibinder;
import io.digdag.client.DigdagClient;
import io.digdag.client.config.Config;
import io.digdag.client.config.ConfigElement;
import io.digdag.client.config.ConfigException;
import io.digdag.client.config.ConfigFactory;
import io.digdag.core.DigdagEmbed;
import io.digdag.core.LocalSite;
import io.digdag.core.archive.ArchiveMetadata;
import io.digdag.core.archive.ProjectArchiveLoader;
import io.digdag.core.archive.WorkflowResourceMatcher;
import io.digdag.core.database.TransactionManager;
import io.digdag.core.repository.ModelValidationException;
import io.digdag.core.repository.ResourceConflictException;
import io.digdag.core.repository.ResourceLimitExceededException;
import io.digdag.core.repository.ResourceNotFoundException;
import io.digdag.core.repository.StoredWorkflowDefinition;
import io.digdag.core.repository.StoredWorkflowDefinitionWithProject;
import io.digdag.core.repository.WorkflowDefinition;
import io.digdag.core.session.ArchivedTask;
import io.digdag.core.session.SessionStore;
import io.digdag.core.session.StoredSessionAttemptWithSession;
import io.digdag.core.session.StoredSessionWithLastAttempt;
import io.digdag.core.session.TaskRelation;
import io.digdag.core.session.TaskStateCode;
import io.digdag.core.workflow.AttemptRequest;
import io.digdag.core.workflow.SessionAttemptConflictException;
import io.digdag.core.workflow.TaskMatchPattern;
import io.digdag.core.workflow.TaskTree;
import io.digdag.core.workflow.WorkflowCompiler;
import io.digdag.core.workflow.WorkflowExecutor;
import io.digdag.spi.CommandExecutor;
import io.digdag.spi.Operator;
import io.digdag.spi.OperatorContext;
import io.digdag.spi.OperatorFactory;
import io.digdag.spi.ScheduleTime;
import io.digdag.spi.SecretStoreManager;
import io.digdag.spi.TaskExecutionException;
import io.digdag.spi.TaskResult;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The engine of digdag's server (its loader of archives, compiler, executor, agent and store, over a database in
 * memory) under what its REST resources make of a request. It is told on standard input, one request a line, and
 * answers with a line each: the HTTP status that the server gives, and what of the answer the engine determines.
 * Its operators are not digdag's own, which are in no registry: echo and notify do nothing, fail fails with its
 * message, wait waits for two seconds.
 */
public class Engine
{
    private static final ObjectMapper MAPPER = DigdagClient.objectMapper();

    private final Injector injector;
    private final LocalSite site;
    private final TransactionManager transactions;
    private final ConfigFactory configs;

    private Engine(DigdagEmbed embed)
    {
        injector = embed.getInjector();
        site = embed.getLocalSite();
        transactions = embed.getTransactionManager();
        configs = injector.getInstance(ConfigFactory.class);
    }

    public static void main(String[] args) throws Exception
    {
        PrintStream out = System.out;
        System.setOut(System.err); // whatever libraries print
        DigdagEmbed embed = new DigdagEmbed.Bootstrap()
                .setSystemConfig(ConfigElement.fromJson(
                        "{\"database.type\": \"memory\", \"agent.max-task-threads\": 2}"))
                .withScheduleExecutor(false)
                .withExtensionLoader(false)
                .addModules(Engine::bind)
                .initializeWithoutShutdownHook();
        Engine engine = new Engine(embed);
        engine.hurry();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(MAPPER.writeValueAsString(engine.answer(MAPPER.readTree(line))));
            out.flush();
        }
        System.exit(0); // its threads would go on
    }

    /** The executor looks every five seconds in the end, unless it is told that something has changed. */
    private void hurry()
    {
        WorkflowExecutor executor = injector.getInstance(WorkflowExecutor.class);
        Thread hurrying = new Thread(() -> {
            while (true) {
                executor.noticeRunWhileConditionChange();
                try {
                    Thread.sleep(50);
                }
                catch (InterruptedException ex) {
                    return;
                }
            }
        });
        hurrying.setDaemon(true);
        hurrying.start();
    }

    private static void bind(Binder binder)
    {
        binder.bind(SecretStoreManager.class).toInstance(site -> (project, scope, key) -> Optional.absent());
        binder.bind(CommandExecutor.class).toInstance((path, request, process) -> process.start());
        Multibinder<OperatorFactory> operators = Multibinder.newSetBinder(binder, OperatorFactory.class);
        for (String type : new String[] {"echo", "fail", "notify", "wait"}) {
            operators.addBinding().toInstance(new OperatorFactory()
            {
                @Override
                public String getType()
                {
                    return type;
                }

                @Override
                public Operator newOperator(OperatorContext context)
                {
                    return () -> operate(type, context);
                }
            });
        }
    }

    private static TaskResult operate(String type, OperatorContext context)
    {
        if (type.equals("fail")) {
            throw new TaskExecutionException(context.getTaskRequest().getConfig().get("_command", String.class));
        }
        if (type.equals("wait")) {
            try {
                Thread.sleep(2000);
            }
            catch (InterruptedException ex) {
                throw new IllegalStateException(ex);
            }
        }
        return TaskResult.empty(context.getTaskRequest());
    }

    private ObjectNode answer(JsonNode asked)
    {
        ObjectNode told = MAPPER.createObjectNode().put("status", 200);
        try {
            transacted(asked, told);
        }
        catch (Exception ex) {
            told.put("status", status(ex)).put("message", String.valueOf(ex.getMessage()));
        }
        return told;
    }

    /** As the server maps exceptions. */
    private static int status(Exception ex)
    {
        if (ex instanceof ResourceNotFoundException) {
            return 404;
        }
        if (ex instanceof ResourceConflictException) {
            return 409;
        }
        boolean refused = ex instanceof ConfigException || ex instanceof IllegalArgumentException
                || ex instanceof ModelValidationException || ex instanceof ResourceLimitExceededException
                || ex instanceof IOException;
        return refused ? 400 : 500;
    }

    private void transacted(JsonNode asked, ObjectNode told) throws Exception
    {
        if (asked.get("do").asText().equals("run")) {
            run(asked.get("attempt").asLong(), asked.path("kill").asBoolean());
            return;
        }
        transactions.begin(() -> {
            act(asked, told);
            return null;
        }, Exception.class);
    }

    private void act(JsonNode asked, ObjectNode told) throws Exception
    {
        SessionStore store = site.getSessionStore();
        switch (asked.get("do").asText()) {
        case "push":
            push(asked, told);
            break;
        case "start":
            start(asked, told);
            break;
        case "attempt":
            told.set("attempt", attempt(store.getAttemptById(asked.get("attempt").asLong())));
            break;
        case "retries":
            told.set("attempts", attempts(store.getOtherAttempts(asked.get("attempt").asLong())));
            break;
        case "tasks":
            told.set("tasks", tasks(store.getTasksOfAttempt(asked.get("attempt").asLong())));
            break;
        case "kill":
            if (!site.killAttempt(asked.get("attempt").asLong())) {
                throw new ResourceConflictException("Session attempt already killed or finished");
            }
            break;
        case "list":
            list(asked, told, store);
            break;
        default:
            throw new IllegalStateException("what is " + asked + "?");
        }
    }

    private void push(JsonNode asked, ObjectNode told) throws Exception
    {
        Path folder = Files.createTempDirectory("push");
        for (Iterator<Map.Entry<String, JsonNode>> it = asked.get("files").fields(); it.hasNext(); ) {
            Map.Entry<String, JsonNode> file = it.next();
            Path path = folder.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue().asText().getBytes("UTF-8"));
        }
        ArchiveMetadata archive = injector.getInstance(ProjectArchiveLoader.class)
                .load(folder, WorkflowResourceMatcher.defaultMatcher(), configs.create())
                .getArchiveMetadata();
        for (WorkflowDefinition defined : archive.getWorkflowList().get()) {
            injector.getInstance(WorkflowCompiler.class).compile(defined.getName(), defined.getConfig())
                    .getTasks().forEach(task -> task.getConfig());
        }
        LocalSite.StoreWorkflowResult stored = site.storeLocalWorkflowsWithoutSchedule(
                asked.get("project").asText(), asked.get("revision").asText(), archive);
        ObjectNode workflows = told.putObject("workflows");
        for (StoredWorkflowDefinition defined : stored.getWorkflowDefinitions()) {
            workflows.putObject(defined.getName())
                    .put("id", defined.getId())
                    .put("timezone", defined.getTimeZone().toString())
                    .set("config", MAPPER.valueToTree(defined.getConfig()));
        }
    }

    private void start(JsonNode asked, ObjectNode told) throws Exception
    {
        StoredWorkflowDefinitionWithProject defined =
                site.getProjectStore().getWorkflowDefinitionById(asked.get("workflowId").asLong());
        JsonNode resume = asked.path("resume");
        Optional<Long> resumed = resume.isObject()
                ? Optional.of(resume.get("attemptId").asLong()) : Optional.absent();
        Config params = configs.fromJsonString(MAPPER.writeValueAsString(asked.get("params")));
        AttemptRequest request = site.getAttemptBuilder().buildFromStoredWorkflow(
                defined, params, ScheduleTime.runNow(Instant.parse(asked.get("sessionTime").asText())),
                Optional.fromNullable(asked.path("retryAttemptName").textValue()),
                resumed, resume.isObject() ? takenOver(resume) : new ArrayList<>(), Optional.absent());
        try {
            WorkflowExecutor executor = injector.getInstance(WorkflowExecutor.class);
            told.set("attempt", attempt(executor.submitWorkflow(0, request, defined)));
        }
        catch (SessionAttemptConflictException ex) {
            told.put("status", 409).set("attempt", attempt(ex.getConflictedSession()));
        }
    }

    /** The tasks of an earlier attempt that a resume takes over. */
    private List<Long> takenOver(JsonNode resume)
    {
        List<ArchivedTask> tasks = site.getSessionStore().getTasksOfAttempt(resume.get("attemptId").asLong());
        if (resume.get("mode").asText().equals("from")) {
            return before(resume.get("from").asText(), tasks);
        }
        List<Long> succeeded = new ArrayList<>();
        for (ArchivedTask task : tasks) {
            if (task.getState() == TaskStateCode.SUCCESS) {
                if (!task.getParentId().isPresent()) {
                    throw new IllegalArgumentException("the root succeeded");
                }
                succeeded.add(task.getId());
            }
        }
        return succeeded;
    }

    private static List<Long> before(String pattern, List<ArchivedTask> tasks)
    {
        Map<String, ArchivedTask> named = new HashMap<>();
        List<TaskRelation> relations = new ArrayList<>();
        for (ArchivedTask task : tasks) {
            named.put(task.getFullName(), task);
            relations.add(TaskRelation.of(task.getId(), task.getParentId(), task.getUpstreams()));
        }
        try {
            long from = TaskMatchPattern.compile(pattern).find(named).getId();
            TaskTree tree = new TaskTree(relations);
            Set<Long> found = new HashSet<>(tree.getRecursiveParentsUpstreamChildrenIdListFromFar(from));
            found.removeAll(tree.getRecursiveParentIdListFromRoot(from));
            return new ArrayList<>(found);
        }
        catch (TaskMatchPattern.MultipleTaskMatchException | TaskMatchPattern.NoMatchException ex) {
            throw new IllegalArgumentException(ex);
        }
    }

    /** To its end; with `kill`, it is killed as soon as a task of it runs. */
    private void run(long attempt, boolean kill) throws Exception
    {
        Thread killing = new Thread(() -> {
            while (transactions.begin(() -> site.getSessionStore().getTasksOfAttempt(attempt)).stream()
                    .noneMatch(task -> task.getState() == TaskStateCode.RUNNING)) {
                Thread.yield();
            }
            try {
                transactions.begin(() -> site.killAttempt(attempt), ResourceNotFoundException.class);
            }
            catch (ResourceNotFoundException ex) {
                throw new IllegalStateException(ex);
            }
        });
        if (kill) {
            killing.start();
        }
        site.runUntilDone(attempt);
        killing.join();
    }

    private void list(JsonNode asked, ObjectNode told, SessionStore store) throws Exception
    {
        int project = site.getProjectStore().getProjectByName(asked.get("project").asText()).getId();
        String workflow = asked.path("workflow").textValue();
        int size = asked.path("page_size").asInt(100);
        Optional<Long> last = asked.hasNonNull("last_id")
                ? Optional.of(asked.get("last_id").asLong()) : Optional.absent();
        boolean retried = asked.path("include_retried").asBoolean();
        told.set("attempts", attempts(workflow == null
                ? store.getAttemptsOfProject(retried, project, size, last)
                : store.getAttemptsOfWorkflow(retried, project, workflow, size, last)));
        ArrayNode sessions = told.putArray("sessions");
        for (StoredSessionWithLastAttempt session : workflow == null
                ? store.getSessionsOfProject(project, size, last)
                : store.getSessionsOfWorkflowByName(project, workflow, size, last)) {
            sessions.addObject().put("workflow", session.getWorkflowName())
                    .put("sessionTime", session.getSessionTime().toString())
                    .put("lastAttempt", session.getLastAttempt().getRetryAttemptName().orNull());
        }
    }

    private static ArrayNode attempts(List<StoredSessionAttemptWithSession> attempts)
    {
        ArrayNode rows = MAPPER.createArrayNode();
        attempts.forEach(each -> rows.add(attempt(each)));
        return rows;
    }

    private static ObjectNode attempt(StoredSessionAttemptWithSession attempt)
    {
        ObjectNode shown = MAPPER.createObjectNode()
                .put("id", attempt.getId())
                .put("sessionId", attempt.getSessionId())
                .put("index", attempt.getIndex())
                .put("workflow", attempt.getSession().getWorkflowName())
                .put("sessionTime", attempt.getSession().getSessionTime().toString())
                .put("timezone", attempt.getTimeZone().toString())
                .put("retryAttemptName", attempt.getRetryAttemptName().orNull())
                .put("done", attempt.getStateFlags().isDone())
                .put("success", attempt.getStateFlags().isSuccess())
                .put("cancelRequested", attempt.getStateFlags().isCancelRequested())
                .put("finished", attempt.getFinishedAt().isPresent());
        shown.set("params", MAPPER.valueToTree(attempt.getParams()));
        return shown;
    }

    private static ArrayNode tasks(List<ArchivedTask> tasks)
    {
        Map<Long, String> names = new HashMap<>();
        tasks.forEach(task -> names.put(task.getId(), task.getFullName()));
        ArrayNode rows = MAPPER.createArrayNode();
        for (ArchivedTask task : tasks) {
            ObjectNode row = rows.addObject()
                    .put("fullName", task.getFullName())
                    .put("parent", task.getParentId().transform(names::get).orNull())
                    .put("isGroup", task.getTaskType().isGroupingOnly())
                    .put("state", task.getState().toString().toLowerCase())
                    .put("cancelRequested", task.getStateFlags().isCancelRequested())
                    .put("started", task.getStartedAt().isPresent());
            ArrayNode upstreams = row.putArray("upstreams");
            task.getUpstreams().forEach(id -> upstreams.add(names.get(id)));
            row.set("config", MAPPER.valueToTree(task.getConfig().getNonValidated()));
            row.set("exportParams", MAPPER.valueToTree(
                    task.getConfig().getExport().deepCopy().merge(task.getExportParams())));
            row.set("storeParams", MAPPER.valueToTree(task.getStoreParams()));
            row.set("stateParams", MAPPER.valueToTree(task.getStateParams()));
            row.set("error", MAPPER.valueToTree(task.getError()));
        }
        return rows;
    }
}
