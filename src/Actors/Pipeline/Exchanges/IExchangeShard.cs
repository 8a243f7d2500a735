namespace Actors.Runtime.Pipeline.Exchanges;

/// <summary>A rank's experts as the exchange between devices sees them: they are told where rows will lie, before they are told to compute.</summary>
internal interface IExchangeShard
{
    /// <summary>Sets the input of an exchange that no window actor takes: before the shard is told to compute.</summary>
    void Set(int exchange, ReceivedRows rows);

    /// <inheritdoc cref="Set(int, ReceivedRows)"/>
    void Set(int exchange, ReceivedGradients gradients);

    /// <summary>Lets go of what a forward keeps that no backward follows; where the stage goes on on the same stream.</summary>
    void Release(int exchange);
}
