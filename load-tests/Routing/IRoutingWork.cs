namespace Actors.LoadTests.Routing;

/// <summary>The group's work, by one process or by several.</summary>
internal interface IRoutingWork : IAsyncDisposable
{
    /// <summary>How it is done, for the report.</summary>
    string Name { get; }

    /// <summary>Plays load simulations.</summary>
    LoadSimulations Simulations { get; }

    /// <summary>Compares what came back with what must.</summary>
    /// <exception cref="CheckFailedException">It differs.</exception>
    Task CheckAsync();

    /// <summary>What was moved and spent so far.</summary>
    Task<RoutingCounts> CountAsync();
}
