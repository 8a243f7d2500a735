using Actors.Runtime.Fabric;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <summary>
/// When the stream that exchanges rows moved them on the rank's device in a step: two marks a move, the first behind what the move waits for, so that waiting for
/// other ranks is no moving. Marks are made in the first step and used again.
/// </summary>
/// <param name="device">Has the step's beginning, and the times of the components that begin moves.</param>
/// <param name="exchanges">Exchanges of a step.</param>
internal sealed class MoveTimes(DeviceTimes device, int exchanges) : IDisposable
{
    /// <summary>Rows and sums, forward and backward.</summary>
    private const int MovesOfExchange = 4;

    private readonly (StreamMark Start, StreamMark End)[] _marks = new (StreamMark, StreamMark)[MovesOfExchange * exchanges];
    private readonly (int Exchange, ExchangePhase Phase, bool IsSums)[] _moved = new (int, ExchangePhase, bool)[MovesOfExchange * exchanges];
    private readonly ByPhase<(Component Component, int Place)> _rows = new(exchanges), _sums = new(exchanges);
    private int _made;

    /// <summary>Moves of the step.</summary>
    public int Count { get; private set; }

    /// <summary>A step begins.</summary>
    public void Begin() => Count = 0;

    /// <summary>A component begins a rank's part in a move: the next that ends for the stage.</summary>
    public void Begun(Component component, int exchange, ExchangePhase phase)
    {
        ByPhase<(Component, int)> begun = component.Kind is ComponentKind.StartCombine or ComponentKind.StartGradientCombine ? _sums : _rows;
        begun[exchange, phase] = (component, device.Count);
    }

    /// <summary>What a move waits for is in its stream, and the move is about to be enqueued.</summary>
    public void Start(IStream stream)
    {
        if (Count == _made)
        {
            _marks[_made++] = (device.MakeMark(), device.MakeMark());
        }

        stream.Record(_marks[Count].Start);
    }

    /// <summary>A move has been enqueued.</summary>
    public void End(IStream stream, int exchange, ExchangePhase phase, bool isSums)
    {
        stream.Record(_marks[Count].End);
        _moved[Count++] = (exchange, phase, isSums);
    }

    /// <summary>
    /// A move of the step, the component that began the rank's part, from when on it could have moved, the rank being ready and its stream free, and when it moved;
    /// to be asked when the rank's streams have come to the step's end.
    /// </summary>
    public (Component Component, long Ready, long Start, long End) this[int i]
    {
        get
        {
            (int exchange, ExchangePhase phase, bool isSums) = _moved[i];
            (Component component, int place) = (isSums ? _sums : _rows)[exchange, phase];
            long ready = Math.Max(device[place].End, i == 0 ? long.MinValue : device.TickOf(_marks[i - 1].End));
            return (component, ready, device.TickOf(_marks[i].Start), device.TickOf(_marks[i].End));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((StreamMark start, StreamMark end) in _marks.AsSpan(0, _made))
        {
            start.Dispose();
            end.Dispose();
        }
    }
}
