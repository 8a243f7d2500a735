namespace Actors.Runtime.Pipeline;

/// <summary>
/// Says which component of a step comes next. Nobody waits for weight gradients: those of one layer are put off, in their own order,
/// until the next component's input is missing, so that a rank that is ahead of the others computes while it waits for them, and one
/// that is behind first computes what they wait for. Before the next layer's, and before the next action, they are all played.
/// </summary>
/// <param name="tryTakeInput">Takes a component's input; false where it is missing.</param>
internal sealed class ProgramPlayer(Func<Component, bool> tryTakeInput)
{
    private readonly Queue<Component> _putOff = [];
    private Component[] _program = [];
    private int _next;

    /// <summary>Whether all is played.</summary>
    public bool IsEnded => _next == _program.Length && _putOff.Count == 0;

    /// <summary>The component whose input is missing; asked where <see cref="TryTake"/> found none.</summary>
    public Component Awaited => _program[_next];

    public void Begin(Component[] program) => (_program, _next) = (program, 0);

    /// <summary>The next component to play; false where its input is missing, or none is left.</summary>
    public bool TryTake(out Component component)
    {
        while (_next < _program.Length && CanWait(_program[_next]) && (_putOff.Count == 0 || IsSameLayer(_putOff.Peek(), _program[_next])))
        {
            _putOff.Enqueue(_program[_next++]);
        }

        bool needsWeights = _next == _program.Length || CanWait(_program[_next])
            || _program[_next].Kind is ComponentKind.ReceiveForward or ComponentKind.ReceiveBackward;
        if (needsWeights)
        {
            return _putOff.TryDequeue(out component) || TryTakeNext(out component);
        }

        return TryTakeNext(out component) || _putOff.TryDequeue(out component);
    }

    private bool TryTakeNext(out Component component)
    {
        if (_next < _program.Length && tryTakeInput(_program[_next]))
        {
            component = _program[_next++];
            return true;
        }

        component = default;
        return false;
    }

    /// <summary>Weight gradients, and the release of what they use.</summary>
    private static bool CanWait(Component component) => component.IsWeights || component.Kind == ComponentKind.Release;

    private static bool IsSameLayer(Component a, Component b) => (a.Stage, a.MicroBatch, a.Layer) == (b.Stage, b.MicroBatch, b.Layer);
}
