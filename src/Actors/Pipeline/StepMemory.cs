using Actors.Model;
using Actors.Model.Placement;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <summary>
/// The tokens of the present step of one data-parallel group, chunk by chunk, and what a capturing step keeps. Written by the
/// coordinator while no step runs; each chunk's places are read and written by the stages that play it.
/// </summary>
public sealed class StepMemory : IStepInput, IDisposable
{
    private readonly IBackend _backend;
    private readonly ModelConfig _config;
    private readonly List<DeviceBuffer> _buffers = [];
    private readonly Tensor[] _ids;
    private readonly Tensor[] _targets;
    private readonly Dictionary<(int MicroBatch, int ExpertRank), Tensor> _logits = [];
    private readonly Dictionary<(int Layer, int MicroBatch, int ExpertRank), Tensor> _experts = [];
    private readonly Lock _gate = new();

    /// <summary>Makes room for steps of one shape.</summary>
    /// <param name="backend">Where the tokens lie.</param>
    /// <param name="config">The model.</param>
    /// <param name="plan">How the group's sequences are cut.</param>
    /// <param name="sequenceLength">Tokens of every sequence.</param>
    public StepMemory(IBackend backend, ModelConfig config, BatchPlan plan, int sequenceLength)
    {
        _backend = backend;
        _config = config;
        Plan = plan;
        SequenceLength = sequenceLength;
        _ids = new Tensor[plan.MicroBatches * plan.SourceRanks];
        _targets = new Tensor[_ids.Length];
        for (int m = 0; m < plan.MicroBatches; m++)
        {
            for (int rank = 0; rank < plan.SourceRanks; rank++)
            {
                int tokens = plan.CountOf(m, rank) * sequenceLength;
                _ids[Index(m, rank)] = Allocate(1, tokens, ElementType.Int32);
                _targets[Index(m, rank)] = Allocate(1, tokens, ElementType.Int32);
            }
        }
    }

    /// <summary>How the group's sequences are cut.</summary>
    public BatchPlan Plan { get; }

    /// <summary>Tokens of every sequence.</summary>
    public int SequenceLength { get; }

    /// <summary>Rows of the largest chunk.</summary>
    public int MaxTokens => Plan.MaxChunkSequences * SequenceLength;

    int IStepInput.MicroBatches => Plan.MicroBatches;

    /// <summary>Token ids of a chunk, Int32 (1, tokens).</summary>
    public Tensor Ids(int microBatch, int expertRank) => _ids[Index(microBatch, expertRank)];

    void IStepInput.Begin(IStream stream, ChunkActivations chunk, RunStep step, int microBatch, int expertRank) =>
        chunk.Begin(stream, Plan.CountOf(microBatch, expertRank), SequenceLength);

    /// <summary>Targets of a chunk, Int32 (1, tokens); −1 counts nothing.</summary>
    public Tensor Targets(int microBatch, int expertRank) => _targets[Index(microBatch, expertRank)];

    /// <summary>Kept logits of a chunk (tokens, vocabulary).</summary>
    public Tensor Logits(int microBatch, int expertRank)
    {
        lock (_gate)
        {
            if (!_logits.TryGetValue((microBatch, expertRank), out Tensor tensor))
            {
                tensor = Allocate(Ids(microBatch, expertRank).Columns, _config.VocabularySize, ElementType.Float32);
                _logits.Add((microBatch, expertRank), tensor);
            }

            return tensor;
        }
    }

    /// <summary>Kept expert choices of a chunk in one layer of the model, Int32 (tokens, K).</summary>
    public Tensor Experts(int layer, int microBatch, int expertRank)
    {
        lock (_gate)
        {
            if (!_experts.TryGetValue((layer, microBatch, expertRank), out Tensor tensor))
            {
                tensor = Allocate(Ids(microBatch, expertRank).Columns, _config.ExpertsPerToken, ElementType.Int32);
                _experts.Add((layer, microBatch, expertRank), tensor);
            }

            return tensor;
        }
    }

    /// <summary>Lays the tokens of a step down.</summary>
    /// <param name="stream">Copies them; complete before the step starts.</param>
    /// <param name="ids">(sequences, length).</param>
    /// <param name="targets">(sequences, length).</param>
    public void Load(IStream stream, ReadOnlySpan<int> ids, ReadOnlySpan<int> targets)
    {
        for (int m = 0; m < Plan.MicroBatches; m++)
        {
            for (int rank = 0; rank < Plan.SourceRanks; rank++)
            {
                for (int i = 0; i < Plan.CountOf(m, rank); i++)
                {
                    int start = Plan.SequenceOf(m, rank, i) * SequenceLength;
                    Upload(stream, ids.Slice(start, SequenceLength), Ids(m, rank).ColumnRange(i * SequenceLength, SequenceLength));
                    Upload(stream, targets.Slice(start, SequenceLength), Targets(m, rank).ColumnRange(i * SequenceLength, SequenceLength));
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (DeviceBuffer buffer in _buffers)
        {
            buffer.Dispose();
        }
    }

    private static void Upload(IStream stream, ReadOnlySpan<int> values, Tensor destination) =>
        stream.Upload(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values), destination);

    private Tensor Allocate(int rows, int columns, ElementType type)
    {
        DeviceBuffer buffer = _backend.Allocate((long)rows * columns * type.SizeInBytes());
        _buffers.Add(buffer);
        return new Tensor(buffer, 0, rows, columns, columns, type);
    }

    private int Index(int microBatch, int expertRank) => (microBatch * Plan.SourceRanks) + expertRank;
}
