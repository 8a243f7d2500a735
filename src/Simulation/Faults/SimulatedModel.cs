using Actors.Model;
using Actors.Model.Layers;
using Actors.Model.Training;
using Actors.Runtime.Fabric;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Tensors.Numbers;

namespace Actors.Simulation.Faults;

/// <summary>A model and a placement small enough for tens of histories a second, in which rows cross between processes in every way: dispatch, combine, pipeline, gradients, values.</summary>
public static class SimulatedModel
{
    /// <summary>Decides fresh weights.</summary>
    public const ulong WeightSeed = 1;

    private const int Vocabulary = 16;

    /// <summary>Two pipeline ranks of two expert ranks, each a node.</summary>
    public static RunPlan Plan { get; } = new RunPlan
    {
        Model = new ModelConfig
        {
            VocabularySize = Vocabulary,
            HiddenSize = 4,
            IntermediateSize = 4,
            ExpertIntermediateSize = 4,
            SharedExperts = 1,
            Layers = 2,
            Heads = 1,
            RoutedExperts = 4,
            KeyValueRank = 4,
            QueryRank = 4,
            RopeHeadSize = 2,
            NopeHeadSize = 2,
            ValueHeadSize = 4,
            ExpertGroups = 2,
            ExpertGroupsKept = 2,
            ExpertsPerToken = 2,
            FirstDenseLayers = 0,
            MaxPositions = 16,
            InitializerRange = 0.2,
        },
        PipelineRanks = 2,
        ExpertRanks = 2,
        RanksPerNode = 1,
        SeparatesNodes = true,
        DataGroups = 1,
        NodeLimit = 2,
        Schedule = "1f1b",
        MicroBatches = 2,
        Sequences = 4,
        SequenceLength = 3,
        Activations = ActivationMode.Kept,
        Fabric = new FabricSettings(Channels: 1, ChunkRows: 2, SlotsPerRing: 2),
    };

    /// <summary>AdamW with DeepSeek-V3's numbers and a large rate: a step that is trained twice, or not at all, shows.</summary>
    public static OptimizerOptions Optimizer { get; } = new()
    {
        LearningRate = LearningRateSchedule.Constant(1e-2),
        Beta1 = 0.9,
        Beta2 = 0.95,
        Epsilon = 1e-8,
        WeightDecay = 0.1,
        ClipNorm = 1,
        BiasUpdateSpeed = 1e-3,
        PredictionWeight = 0.3,
        BalanceWeight = 0.01,
    };

    /// <summary>Sequences that depend on the step and their number alone.</summary>
    public sealed class Batches : IBatchSource
    {
        /// <inheritdoc/>
        public void Draw(int step, int sequence, Span<int> ids, Span<int> targets)
        {
            ulong state = ((ulong)step << 32) | (uint)sequence;
            int next = (int)(SplitMix64.Next(ref state) % Vocabulary);
            for (int i = 0; i < ids.Length; i++)
            {
                ids[i] = next;
                targets[i] = next = (int)(SplitMix64.Next(ref state) % Vocabulary);
            }
        }
    }
}
