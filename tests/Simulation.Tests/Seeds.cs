using Xunit.Sdk;

namespace Actors.Simulation.Tests;

/// <summary>
/// Runs a case under many seeds. A failure names the seed; with that number in the environment variable SIMULATION_SEED each case runs
/// under it alone.
/// </summary>
internal static class Seeds
{
    private const string Variable = "SIMULATION_SEED";

    /// <summary>Calls <paramref name="run"/> with the seeds 1 to <paramref name="count"/>, or with the one that is asked for.</summary>
    public static void ForAll(int count, Action<ulong> run)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } one)
        {
            Run(ulong.Parse(one, System.Globalization.CultureInfo.InvariantCulture), run);
            return;
        }

        for (ulong seed = 1; seed <= (ulong)count; seed++)
        {
            Run(seed, run);
        }
    }

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
