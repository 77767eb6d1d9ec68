package jdk.nashorn.api.scripting;

import javax.script.ScriptEngine;

/**
 * The JavaScript engine that Java had up to 14, under the name by which digdag knows it. One is kept for each
 * thread: digdag would make one for each task, which costs more than all else.
 */
public class NashornScriptEngineFactory
{
    private static final ThreadLocal<ScriptEngine> KEPT = new ThreadLocal<>();

    public ScriptEngine getScriptEngine(String... options)
    {
        if (KEPT.get() == null) {
            KEPT.set(new org.openjdk.nashorn.api.scripting.NashornScriptEngineFactory().getScriptEngine(options));
        }
        return KEPT.get();
    }
}
