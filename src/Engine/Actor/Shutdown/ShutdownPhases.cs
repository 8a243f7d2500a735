using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace Akka.Actor;

/// <summary>One phase of a coordinated shutdown.</summary>
/// <param name="Name">Its name.</param>
/// <param name="DependsOn">The phases that go before.</param>
/// <param name="Timeout">How long its tasks may take.</param>
/// <param name="Recover">Whether a failed or slow task lets the shutdown go on.</param>
internal sealed record ShutdownPhase(string Name, IList<string> DependsOn, TimeSpan Timeout, bool Recover);

/// <summary>The phases of a coordinated shutdown in the order in which they run.</summary>
internal static class ShutdownPhases
{
    private const string Section = "akka.coordinated-shutdown";

    /// <exception cref="ConfigurationException">A phase depends on itself or on one that is not there.</exception>
    public static List<ShutdownPhase> Read(Config config)
    {
        TimeSpan defaultTimeout = config.GetTimeSpan($"{Section}.default-phase-timeout");
        Dictionary<string, ShutdownPhase> phases = new(StringComparer.Ordinal);
        Config section = config.GetConfig($"{Section}.phases")!;
        foreach ((string name, HoconValue _) in section.AsEnumerable())
        {
            string key = $"\"{name}\"";
            phases.Add(name, new ShutdownPhase(
                name,
                section.GetStringList($"{key}.depends-on"),
                section.GetTimeSpan($"{key}.timeout", defaultTimeout),
                section.GetBoolean($"{key}.recover", true)));
        }

        return Sorted(phases);
    }

    private static List<ShutdownPhase> Sorted(Dictionary<string, ShutdownPhase> phases)
    {
        List<ShutdownPhase> sorted = [];
        HashSet<string> open = new(StringComparer.Ordinal);
        foreach (string name in phases.Keys)
        {
            Visit(name);
        }

        return sorted;

        void Visit(string name)
        {
            if (!phases.TryGetValue(name, out ShutdownPhase? phase))
            {
                throw new ConfigurationException($"{Section}.phases: a phase depends on '{name}', which is not defined.");
            }

            if (sorted.Contains(phase))
            {
                return;
            }

            if (!open.Add(name))
            {
                throw new ConfigurationException($"{Section}.phases: '{name}' depends on itself; break the cycle in depends-on.");
            }

            foreach (string before in phase.DependsOn)
            {
                Visit(before);
            }

            sorted.Add(phase);
        }
    }
}
