using Actors.Runtime.Fabric;

namespace Actors.Runtime.Pipeline;

/// <summary>What has come for the components of a step and was not taken yet.</summary>
internal sealed class StageArrivals(int exchanges, int stages, int microBatches)
{
    private readonly ByPhase<bool> _rows = new(exchanges);
    private readonly ByPhase<int> _channels = new(exchanges);
    private readonly bool[] _activations = new bool[stages * microBatches];
    private readonly bool[] _gradients = new bool[stages * microBatches];

    /// <summary>Whether the shard has all rows of an exchange.</summary>
    public ref bool Rows(int exchange, ExchangePhase phase) => ref _rows[exchange, phase];

    /// <summary>Channels whose tokens have all come back.</summary>
    public ref int Channels(int exchange, ExchangePhase phase) => ref _channels[exchange, phase];

    /// <summary>Whether the stage's input of a micro-batch lies ready.</summary>
    public ref bool Activation(int stage, int microBatch) => ref _activations[(stage * microBatches) + microBatch];

    /// <summary>Whether the gradient of the stage's output of a micro-batch lies ready.</summary>
    public ref bool Gradient(int stage, int microBatch) => ref _gradients[(stage * microBatches) + microBatch];
}
