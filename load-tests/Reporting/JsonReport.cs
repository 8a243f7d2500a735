using System.Text.Json;

namespace Actors.LoadTests.Reporting;

/// <summary>A report for machines.</summary>
internal static class JsonReport
{
    public static void Write(Report report, RunPlace place, Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("scenario", report.Scenario);
        json.WriteString("machine", place.Machine);
        json.WriteString("runtime", place.Runtime);
        json.WriteString("date", place.Date);
        json.WriteString("commit", place.Commit);
        json.WriteStartObject("settings");
        foreach ((string name, string value) in report.Settings)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteStartArray("figures");
        foreach (Figure figure in report.Figures)
        {
            json.WriteStartObject();
            json.WriteString("step", figure.Step);
            json.WriteString("name", figure.Name);
            json.WriteNumber("median", Finite(figure.Value.Median));
            json.WriteNumber("least", Finite(figure.Value.Least));
            json.WriteNumber("greatest", Finite(figure.Value.Greatest));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("latencies");
        foreach (Latency latency in report.Latencies)
        {
            WriteLatency(json, latency);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteLatency(Utf8JsonWriter json, Latency latency)
    {
        json.WriteStartObject();
        json.WriteString("step", latency.Step);
        json.WriteString("of", latency.Note);
        json.WriteNumber("count", latency.Durations.Count);
        foreach (double quantile in Latency.Quantiles)
        {
            json.WriteNumber(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"p{quantile * 100:0.#}_ms"), latency.Milliseconds(quantile));
        }

        json.WriteNumber("max_ms", latency.Longest);
        json.WriteEndObject();
    }

    private static double Finite(double value) => double.IsFinite(value) ? value : 0;
}
