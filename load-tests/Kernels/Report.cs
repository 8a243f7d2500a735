using System.Globalization;
using System.Text.Json;

namespace Actors.LoadTests.Kernels;

/// <summary>Prints each measurement beside its limit and keeps it for the JSON file.</summary>
internal sealed class Report(string backend, double peakGflops, double copyGigabytes, string? only)
{
    private readonly List<Row> _rows = [];

    /// <summary>Results that were wrong.</summary>
    public int Failures { get; private set; }

    public void PrintHeader()
    {
        Console.WriteLine(Invariant($"{backend}, one core: {peakGflops:f1} GFLOPS of fused multiply-adds"));
        Console.WriteLine(Invariant($"copying 128 MiB: {copyGigabytes:f1} GB/s (read + written)"));
        Console.WriteLine();
        Console.WriteLine($"{"operation",-58} {"error",9} {"time",10} {"spread",8}   rate");
    }

    /// <summary>Whether a section or a row is asked for.</summary>
    public bool Wants(string name) => only is null || name.Contains(only, StringComparison.OrdinalIgnoreCase);

    /// <summary>Adds work whose limit is arithmetic.</summary>
    public void AddFlops(string name, double error, double tolerance, double flops, Timing timing) =>
        Add(name, error, tolerance, timing, flops * 1e-9 / timing.Median, "GFLOPS", peakGflops, "peak");

    /// <summary>Adds work whose limit is memory; the limit is that of main memory, which data in a cache may exceed.</summary>
    public void AddBytes(string name, double error, double tolerance, double bytes, Timing timing) =>
        Add(name, error, tolerance, timing, bytes * 1e-9 / timing.Median, "GB/s", copyGigabytes, "copy");

    /// <summary>Adds work that is counted in pieces.</summary>
    public void AddPieces(string name, double error, double tolerance, double pieces, string unit, Timing timing) =>
        Add(name, error, tolerance, timing, pieces * 1e-6 / timing.Median, $"million {unit}/s", null, "");

    /// <summary>Writes all rows as JSON.</summary>
    public void Save(string path)
    {
        using FileStream file = File.Create(path);
        using var writer = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteString("backend", backend);
        writer.WriteNumber("peakGflops", Math.Round(peakGflops, 1));
        writer.WriteNumber("copyGigabytesPerSecond", Math.Round(copyGigabytes, 1));
        writer.WriteStartArray("rows");
        foreach (Row row in _rows)
        {
            writer.WriteStartObject();
            writer.WriteString("operation", row.Name);
            writer.WriteNumber("relativeError", row.Error);
            writer.WriteNumber("microseconds", Math.Round(row.Timing.Median * 1e6, 3));
            writer.WriteNumber("lowerQuartileMicroseconds", Math.Round(row.Timing.Lower * 1e6, 3));
            writer.WriteNumber("upperQuartileMicroseconds", Math.Round(row.Timing.Upper * 1e6, 3));
            writer.WriteNumber("rate", Math.Round(row.Rate, 2));
            writer.WriteString("unit", row.Unit);
            if (row.Limit is { } limit)
            {
                writer.WriteNumber("shareOfLimit", Math.Round(row.Rate / limit, 3));
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private void Add(string name, double error, double tolerance, Timing timing, double rate, string unit, double? limit, string limitName)
    {
        bool wrong = !(error <= tolerance);
        Failures += wrong ? 1 : 0;
        _rows.Add(new Row(name, error, timing, rate, unit, limit));
        string share = limit is { } most ? Invariant($"  {100 * rate / most,5:f1}% of {limitName}") : "";
        string measured = Invariant($"{error,9:g2} {timing.Median * 1e6,8:f1}us {100 * timing.Spread,7:f1}% {rate,8:f1} {unit}{share}");
        Console.WriteLine($"{name,-58} {measured}{(wrong ? "  WRONG RESULT" : "")}");
    }

    private sealed record Row(string Name, double Error, Timing Timing, double Rate, string Unit, double? Limit);
}
