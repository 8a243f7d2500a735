using Actors.Model.Parameters;
using Actors.Runtime.Cluster.Processes.Serving;
using Actors.Runtime.Configuration;
using Actors.Runtime.Serving;
using Actors.Simulation.Turns;
using Actors.Tensors;
using Actors.Tensors.Numbers;

namespace Actors.Simulation.Faults;

/// <summary>What a simulated cluster is asked for beside training: some prompts, answered with the values that training begins with.</summary>
internal static class SimulatedPrompts
{
    /// <summary>The folder that callers name.</summary>
    public const string Folder = "disk/model";

    /// <summary>More than there are slots.</summary>
    public const int Count = 3;

    private const int MaxLength = 12, PromptTokens = 4, AnswerTokens = 6;
    private static readonly InferenceOptions Limits = new(SlotsPerRank: 1, MaxLength, MaxWaiting: 8) { StallTimeout = TimeSpan.FromSeconds(60) };

    /// <summary>What a process brings to serve with others.</summary>
    public static ClusterServingOptions OptionsOf(SimulationLoop loop) => new()
    {
        Plan = ServingHost.PlanOf(SimulatedModel.Plan, Limits),
        Limits = Limits,
        Settings = new ClusterServingSettings(IdleTimeout: TimeSpan.FromSeconds(10), RequestLease: TimeSpan.FromSeconds(10)),
        FindModel = static folder => new ServedModel(folder, "", Folder, []),
        FindTokenizer = static _ => null,
        Load = (host, _, _) => loop.OutsideTime(() => Load(host)),
    };

    /// <summary>A prompt, and how to draw its answer.</summary>
    public static Infer Prompt(int number)
    {
        ulong state = (ulong)number;
        return new Infer(
            [.. Enumerable.Range(0, PromptTokens).Select(_ => (int)(SplitMix64.Next(ref state) % (ulong)SimulatedModel.Plan.Model.VocabularySize))],
            AnswerTokens, Temperature: number == 0 ? 0 : 1, TopP: 1, Seed: (ulong)number);
    }

    private static void Load(ServingHost host)
    {
        foreach ((IStream stream, ModelWeights weights) in host.Parts())
        {
            weights.Initialize(stream, SimulatedModel.WeightSeed);
            weights.Prepare(stream);
        }
    }
}
