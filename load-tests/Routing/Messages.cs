using Actors.LoadTests.Measuring;
using Akka.Actor;

namespace Actors.LoadTests.Routing;

/// <summary>Coordinator → rank: send the tokens of an exchange that was to start at a time (ticks of the stopwatch).</summary>
internal sealed record StartExchange(int Exchange, long IntendedTicks);

/// <summary>Rank → coordinator: the rank's tokens of an exchange are back. A rank uses it again once all ranks have ended the exchange.</summary>
internal sealed record ExchangeEnded(int Exchange)
{
    /// <summary>From the intended start to the rank's last sum, in ticks of the stopwatch.</summary>
    public long Ticks { get; set; }
}

/// <summary>Caller → coordinator: a load simulation.</summary>
/// <param name="UnderWay">Most exchanges under way.</param>
/// <param name="Latency">Takes the ranks' latencies.</param>
/// <param name="Done">Ends with the simulation.</param>
internal abstract record Simulation(int UnderWay, LatencyHistogram Latency, TaskCompletionSource<Played> Done) : INoSerializationVerificationNeeded;

/// <summary>Caller → coordinator: keep so many exchanges under way until a time.</summary>
internal sealed record KeepConstant(int UnderWay, long UntilTicks, LatencyHistogram Latency, TaskCompletionSource<Played> Done)
    : Simulation(UnderWay, Latency, Done);

/// <summary>Caller → coordinator: start exchanges as they are injected, at most so many under way, until <see cref="EndInjection"/>.</summary>
internal sealed record Inject(int UnderWay, long LastStartTicks, LatencyHistogram Latency, TaskCompletionSource<Played> Done)
    : Simulation(UnderWay, Latency, Done);

/// <summary>Injector → coordinator: an exchange was to start at a time.</summary>
internal sealed record Injected(long IntendedTicks);

/// <summary>Injector → coordinator: nothing more will come.</summary>
internal sealed record EndInjection;

/// <summary>What a load simulation did.</summary>
/// <param name="Exchanges">Exchanges that ended.</param>
/// <param name="Unserved">Injected exchanges that never started, for lack of time.</param>
/// <param name="Elapsed">From the first start to the last end.</param>
internal sealed record Played(long Exchanges, long Unserved, TimeSpan Elapsed);
