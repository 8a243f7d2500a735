using System.Diagnostics;
using Actors.LoadTests.Measuring;

namespace Actors.LoadTests.Reporting;

/// <summary>What a scenario measured, for people, machines and pages alike.</summary>
/// <param name="Scenario">Name of the scenario.</param>
/// <param name="Settings">What was run, name and value.</param>
/// <param name="Figures">What was measured.</param>
/// <param name="Latencies">Durations that were measured.</param>
internal sealed record Report(
    string Scenario, IReadOnlyList<(string Name, string Value)> Settings, IReadOnlyList<Figure> Figures, IReadOnlyList<Latency> Latencies);

/// <summary>One measured figure.</summary>
/// <param name="Step">The scenario's step: a load simulation.</param>
/// <param name="Name">What it is, unit last.</param>
/// <param name="Value">In that unit.</param>
/// <param name="Digits">Digits behind the point that are shown.</param>
internal sealed record Figure(string Step, string Name, Spread Value, int Digits);

/// <summary>The durations of one step.</summary>
/// <param name="Step">The scenario's step.</param>
/// <param name="Note">What a duration is.</param>
/// <param name="Durations">In ticks of the stopwatch.</param>
internal sealed record Latency(string Step, string Note, LatencyHistogram Durations)
{
    /// <summary>The quantiles that are reported.</summary>
    public static IReadOnlyList<double> Quantiles { get; } = [0.5, 0.9, 0.99, 0.999];

    /// <summary>Milliseconds that a share of the durations doesn't exceed.</summary>
    public double Milliseconds(double quantile) => Durations.Quantile(quantile) * 1000.0 / Stopwatch.Frequency;

    /// <summary>The longest, in milliseconds.</summary>
    public double Longest => Durations.Max * 1000.0 / Stopwatch.Frequency;
}
