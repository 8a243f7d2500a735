using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Links;

namespace Actors.Runtime.Pipeline;

/// <summary>What has come for the components of a step and was not taken yet.</summary>
internal sealed class StageArrivals(int exchanges, int stages, int microBatches)
{
    private readonly ByPhase<bool> _rows = new(exchanges);
    private readonly ByPhase<int> _channels = new(exchanges);
    private readonly Frame?[] _activations = new Frame?[stages * microBatches];
    private readonly Frame?[] _gradients = new Frame?[stages * microBatches];

    /// <summary>Whether the shard has all rows of an exchange.</summary>
    public ref bool Rows(int exchange, ExchangePhase phase) => ref _rows[exchange, phase];

    /// <summary>Channels whose tokens have all come back.</summary>
    public ref int Channels(int exchange, ExchangePhase phase) => ref _channels[exchange, phase];

    /// <summary>The stage's input of a micro-batch; null until it has come.</summary>
    public ref Frame? Activation(int stage, int microBatch) => ref _activations[(stage * microBatches) + microBatch];

    /// <summary>The gradient of the stage's output of a micro-batch; null until it has come.</summary>
    public ref Frame? Gradient(int stage, int microBatch) => ref _gradients[(stage * microBatches) + microBatch];

    /// <summary>What has come and was not taken, in words; null where there is nothing.</summary>
    public string? Left()
    {
        for (int exchange = 0; exchange < exchanges; exchange++)
        {
            foreach (ExchangePhase phase in (ReadOnlySpan<ExchangePhase>)[ExchangePhase.Forward, ExchangePhase.Backward])
            {
                if (Rows(exchange, phase) || Channels(exchange, phase) > 0)
                {
                    return $"rows of exchange {exchange} ({phase})";
                }
            }
        }

        for (int place = 0; place < _activations.Length; place++)
        {
            if (_activations[place] is not null || _gradients[place] is not null)
            {
                return $"rows of stage {place / microBatches}, micro-batch {place % microBatches}";
            }
        }

        return null;
    }

    /// <summary>Takes what has come.</summary>
    public static Frame Take(ref Frame? place)
    {
        Frame frame = place ?? throw new InvalidOperationException("What was not handed over cannot be taken.");
        place = null;
        return frame;
    }
}
