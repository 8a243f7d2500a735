using System.Globalization;
using Xunit.Sdk;

namespace Actors.Simulation.Tests;

/// <summary>
/// Runs a case under many seeds. A failure names the seed; with that number in the environment variable SIMULATION_SEED each case runs
/// under it alone. SIMULATION_SEEDS says how many seeds a case gets, for a longer search.
/// </summary>
internal static class Seeds
{
    private const string Variable = "SIMULATION_SEED";
    private const string CountVariable = "SIMULATION_SEEDS";

    /// <summary>Calls <paramref name="run"/> with the seeds 1 to <paramref name="count"/>, or with the one that is asked for.</summary>
    public static void ForAll(int count, Action<ulong> run)
    {
        if (NumberIn(Variable) is { } one)
        {
            Run(one, run);
            return;
        }

        ulong last = NumberIn(CountVariable) ?? (ulong)count;
        for (ulong seed = 1; seed <= last; seed++)
        {
            Run(seed, run);
        }
    }

    private static ulong? NumberIn(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
        ? ulong.Parse(text, CultureInfo.InvariantCulture)
        : null;

    private static void Run(ulong seed, Action<ulong> run)
    {
        try
        {
            run(seed);
        }
        catch (Exception failure)
        {
            throw new XunitException($"{Variable}={seed} repeats this: {failure.Message}", failure);
        }
    }
}
