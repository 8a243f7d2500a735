namespace Actors.Runtime.Fabric;

/// <summary>
/// The messages that an actor sends about exchanges, each made once and sent again in every step: the hot path allocates none.
/// </summary>
/// <typeparam name="T">The message.</typeparam>
internal sealed class MessageCache<T>(int exchanges, Func<int, ExchangePhase, T> make)
    where T : class
{
    private readonly ByPhase<T?> _messages = new(exchanges);

    /// <summary>The message about one phase of one exchange.</summary>
    public T this[int exchange, ExchangePhase phase] => _messages[exchange, phase] ??= make(exchange, phase);
}
