namespace Actors.Runtime.Fabric;

/// <summary>A value for each phase of each exchange.</summary>
/// <typeparam name="T">The value.</typeparam>
public sealed class ByPhase<T>
{
    private readonly T[] _values;

    /// <summary>Makes values that are all <c>default</c>.</summary>
    /// <param name="exchanges">Number of exchanges.</param>
    public ByPhase(int exchanges) => _values = new T[2 * exchanges];

    /// <summary>The value of one phase of one exchange.</summary>
    public ref T this[int exchange, ExchangePhase phase] => ref _values[(2 * exchange) + (int)phase];
}
