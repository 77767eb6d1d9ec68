import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.digdag.client.DigdagClient;
import io.digdag.client.api.LocalTimeOrInstant;
import io.digdag.client.api.SessionTimeTruncate;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.ws.rs.WebApplicationException;

/**
 * Calls methods of io.digdag.client.DigdagClient as it is told on standard input, one call a line:
 * {"method": "getProject(String)", "given": ["sales"]}, and answers with a line each. What a method gives is
 * written as the client's own mapper writes it, so that it can be held against what the server sent.
 * First of all it says which methods there are.
 */
public class AskDigdag
{
    private static final ObjectMapper MAPPER = DigdagClient.objectMapper();

    public static void main(String[] args) throws Exception
    {
        PrintStream out = System.out;
        System.setOut(System.err); // whatever libraries print
        DigdagClient client = DigdagClient.builder()
                .host("127.0.0.1").port(Integer.parseInt(args[0])).header("Authorization", args[1]).build();
        Map<String, Method> methods = new TreeMap<>();
        for (Method method : DigdagClient.class.getDeclaredMethods()) {
            if (Modifier.isPublic(method.getModifiers()) && !method.isSynthetic()) {
                methods.put(signature(method), method);
            }
        }
        out.println(MAPPER.writeValueAsString(methods.keySet()));
        out.flush();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonNode asked = MAPPER.readTree(line);
            out.println(MAPPER.writeValueAsString(answer(client, methods, asked)));
            out.flush();
        }
        client.close();
    }

    private static String signature(Method method)
    {
        return Arrays.stream(method.getParameterTypes()).map(Class::getSimpleName)
                .collect(Collectors.joining(",", method.getName() + "(", ")"));
    }

    private static ObjectNode answer(DigdagClient client, Map<String, Method> methods, JsonNode asked)
            throws Exception
    {
        Method method = methods.get(asked.get("method").asText());
        Type[] types = method.getGenericParameterTypes();
        Object[] given = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            given[i] = read(types[i], asked.get("given").get(i));
        }
        ObjectNode told = MAPPER.createObjectNode();
        try {
            told.set("answer", shown(method.invoke(client, given)));
        }
        catch (InvocationTargetException thrown) {
            Throwable why = thrown.getCause();
            told.put("failed", why.getClass().getSimpleName());
            told.put("said", String.valueOf(why.getMessage()));
            if (why instanceof WebApplicationException) {
                told.put("status", ((WebApplicationException) why).getResponse().getStatus());
                told.put("body", body((WebApplicationException) why));
            }
        }
        return told;
    }

    private static String body(WebApplicationException why)
    {
        try {
            return why.getResponse().readEntity(String.class);
        }
        catch (RuntimeException read) {
            return null; // no answer of a server's: the client made it up, or has read it
        }
    }

    private static Object read(Type type, JsonNode given) throws Exception
    {
        if (type == LocalDateTime.class) {
            return LocalDateTime.parse(given.asText());
        }
        if (type == LocalTimeOrInstant.class) {
            return given.asText().endsWith("Z")
                    ? LocalTimeOrInstant.of(Instant.parse(given.asText()))
                    : LocalTimeOrInstant.of(LocalDateTime.parse(given.asText()));
        }
        if (type == SessionTimeTruncate.class) {
            return SessionTimeTruncate.fromString(given.asText());
        }
        JavaType wanted = MAPPER.getTypeFactory().constructType(type);
        return MAPPER.readValue(MAPPER.treeAsTokens(given), wanted);
    }

    private static JsonNode shown(Object result) throws Exception
    {
        if (result instanceof InputStream) {
            return MAPPER.valueToTree(((InputStream) result).readAllBytes());
        }
        if (result instanceof ObjectMapper) {
            return MAPPER.valueToTree(result.getClass().getSimpleName());
        }
        if (result instanceof DigdagClient.Builder) {
            return MAPPER.valueToTree("Builder");
        }
        return MAPPER.readTree(MAPPER.writeValueAsString(result));
    }
}
