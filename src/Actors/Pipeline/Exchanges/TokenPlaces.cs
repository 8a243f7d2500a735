using Actors.Model.Layers;
using Actors.Runtime.Fabric.Devices;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline.Exchanges;

/// <summary>Where a chunk's tokens went in an exchange, from the forward on; lent again to a later chunk, on the same stream.</summary>
internal sealed class TokenPlaces : IDisposable
{
    private readonly Arena _arena;
    private readonly Tensor _places;

    public TokenPlaces(IBackend backend, int maxTokens, int ranks)
    {
        _arena = new Arena(backend, Arena.Plan(maxTokens, ranks, ElementType.Int32) + Arena.Plan(1, 1, ElementType.Int32));
        _places = _arena.Take(maxTokens, ranks, ElementType.Int32);
        Received = _arena.Take(1, 1, ElementType.Int32);
        Collected = backend.CreateMark();
    }

    /// <summary>Behind the sums that have come back.</summary>
    public StreamMark Collected { get; }

    /// <summary>The chunk's layer.</summary>
    public LayerActivations Layer { get; private set; } = null!;

    /// <summary>Number of the windows in use; below 0: none.</summary>
    public int Number { get; private set; } = -1;

    /// <summary>Those windows.</summary>
    public ExchangeWindows Windows { get; private set; } = null!;

    /// <summary>Their first rows.</summary>
    public WindowRows Rows { get; private set; } = null!;

    /// <summary>Int32 (tokens, ranks): the row of each token in each rank's window, −1 where it has none.</summary>
    public Tensor Places => _places.RowRange(0, Layer.Tokens);

    /// <summary>Int32 (1, 1): rows that have come to this rank.</summary>
    public Tensor Received { get; }

    /// <summary>Begins a phase of an exchange.</summary>
    public void Begin(LayerActivations layer, int number, ExchangeWindows windows, WindowRows rows) => (Layer, Number, Windows, Rows) = (layer, number, windows, rows);

    public void Dispose()
    {
        Collected.Dispose();
        _arena.Dispose();
    }
}
