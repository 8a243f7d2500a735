using Actors.Runtime.Fabric.Channels;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline.Exchanges;

/// <summary>A rank as the exchange between devices sees it: where its rows lie and who computes with those that come.</summary>
internal interface IExchangeRank
{
    /// <summary>Number of the rank in the whole run.</summary>
    int Rank { get; }

    /// <summary>Rank in its expert group.</summary>
    int ExpertRank { get; }

    /// <summary>The rank's device.</summary>
    IBackend Backend { get; }

    /// <summary>What computes the rows and goes on with the sums.</summary>
    IStream Stream { get; }

    /// <summary>Exchanges of a step; they are named 0 .. count − 1.</summary>
    int ExchangeCount { get; }

    /// <summary>Rows of the rank's largest chunk.</summary>
    int MaxTokens { get; }

    /// <summary>The rank's experts.</summary>
    IExchangeShard Experts { get; }

    /// <summary>Counts what is moved.</summary>
    TrafficCounters Traffic { get; }

    /// <summary>The run's clock.</summary>
    TimeProvider Time { get; }
}
