import com.google.inject.Module;
import com.google.inject.multibindings.Multibinder;
import io.digdag.core.Extension;
import io.digdag.spi.CommandExecutor;
import io.digdag.spi.OperatorFactory;
import java.util.Collections;
import java.util.List;

/** In place of digdag's own operators, none: commands that speak to a server do not run any. */
@SuppressWarnings("deprecation")
public class NoOperators implements Extension
{
    @Override
    public List<Module> getModules()
    {
        return Collections.singletonList(binder -> {
            Multibinder.newSetBinder(binder, OperatorFactory.class);
            binder.bind(CommandExecutor.class).toInstance((path, request, process) -> process.start());
        });
    }
}
