import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.digdag.cli.Main;
import io.digdag.client.Version;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.HashMap;

/**
 * Runs commands of digdag's own command line as it is told on standard input, one a line: {"words": ["push", …],
 * "typed": "y"}. Answers with a line each: its exit code, and what it wrote to standard output and to standard error.
 */
public class RunDigdag
{
    public static void main(String[] args) throws Exception
    {
        ObjectMapper mapper = new ObjectMapper();
        PrintStream out = System.out;
        System.setOut(System.err); // whatever libraries print
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonNode asked = mapper.readTree(line);
            String[] words = mapper.convertValue(asked.get("words"), String[].class);
            ByteArrayOutputStream said = new ByteArrayOutputStream();
            ByteArrayOutputStream errors = new ByteArrayOutputStream();
            Main digdag = new Main(Version.parse("0.9.42"), new HashMap<>(), new PrintStream(said, true, "UTF-8"),
                    new PrintStream(errors, true, "UTF-8"),
                    new ByteArrayInputStream(asked.path("typed").asText("").getBytes("UTF-8")));
            int code = digdag.cli(words);
            out.println(mapper.writeValueAsString(mapper.createObjectNode()
                    .put("code", code).put("out", said.toString("UTF-8")).put("err", errors.toString("UTF-8"))));
            out.flush();
        }
    }
}
