using System.Text.Json;

namespace Actors.Schedules.Traces;

/// <summary>The events of Chrome's trace format that give processes and threads their names.</summary>
public static class TraceNames
{
    /// <summary>Writes one.</summary>
    /// <param name="json">Stands in the list of events.</param>
    /// <param name="kind"><c>process_name</c> or <c>thread_name</c>.</param>
    /// <param name="process">Number of the process.</param>
    /// <param name="thread">Number of the thread; 0 for a process.</param>
    /// <param name="name">The name.</param>
    public static void Write(Utf8JsonWriter json, string kind, int process, int thread, string name)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        json.WriteString("name", kind);
        json.WriteString("ph", "M");
        json.WriteNumber("pid", process);
        json.WriteNumber("tid", thread);
        json.WriteStartObject("args");
        json.WriteString("name", name);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
