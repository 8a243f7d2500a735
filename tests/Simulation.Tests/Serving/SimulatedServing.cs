using Actors.Cpu;
using Actors.Model.Parameters;
using Actors.Runtime.Cluster;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;
using Actors.Simulation.Devices;
using Actors.Simulation.Tests.Devices;
using Actors.Simulation.Turns;
using Actors.Tensors;

namespace Actors.Simulation.Tests.Serving;

/// <summary>The actors that serve, in a simulation.</summary>
internal sealed class SimulatedServing : IDisposable
{
    public const int MaxLength = 16;
    public const ulong WeightSeed = 3;

    /// <summary>Requests come within so many ticks: some together, some while others are answered.</summary>
    private const int LongestDelay = 1 << 20;

    private readonly SimulationLoop _loop;
    private readonly SimulatedSystem _system;
    private readonly SimulatedBackend[] _backends;
    private readonly ServingHost _host;
    private readonly ServingRun _run;

    /// <summary>Makes the actors; nothing has run yet.</summary>
    /// <param name="plan">Ranks and model.</param>
    /// <param name="seed">Of the turns.</param>
    /// <param name="slotsPerRank">Sequences of a rank.</param>
    /// <param name="ordersStreams">Whether stages run ahead of their device, and a lone rank records its decoding steps.</param>
    /// <param name="precision">How rows are stored; null: in float32.</param>
    public SimulatedServing(RunPlan plan, ulong seed, int slotsPerRank = 1, bool ordersStreams = false, Precision? precision = null)
    {
        _loop = new SimulationLoop(seed);
        var costs = new DrawnCosts(_loop);
        _system = new SimulatedSystem(_loop);
        _backends = [.. Enumerable.Range(0, plan.Devices).Select(_ =>
            new SimulatedBackend(ordersStreams ? new PoisonedBackend(Models.Backend(precision)) : Models.Backend(precision), _loop, costs, ordersStreams))];
        var options = new InferenceOptions(slotsPerRank, MaxLength, MaxWaiting: 64) { StallTimeout = Timeout.InfiniteTimeSpan };
        _host = new ServingHost(plan, options, new RunDevices(_backends, _ => new SimulatedLink(new HostLink(), _loop, costs)), new VirtualTime(_loop));
        foreach ((IStream stream, ModelWeights weights) in _host.Parts())
        {
            weights.Initialize(stream, WeightSeed);
            weights.Prepare(stream);
        }

        _run = ServingRun.Start(_system.System, _host);
    }

    /// <summary>Sends requests at times that the seed draws, and waits for all answers.</summary>
    public int[][] Answer(IReadOnlyList<Infer> requests)
    {
        SimulatedUser[] users = [.. requests.Select((_, i) => _system.User($"user-{i}"))];
        for (int i = 0; i < users.Length; i++)
        {
            (SimulatedUser user, Infer request) = (users[i], requests[i]);
            _loop.At(_loop.Now + _loop.Draw(LongestDelay), () => user.Tell(_run.Gateway, request));
        }

        _system.RunUntil(() => Array.TrueForAll(users, user => user.Messages.Count > 0 && user.Messages[^1] is not TokenGenerated));
        _system.RunDry();
        Assert.All(users, user => Assert.IsType<InferenceEnded>(user.Messages[^1]));
        return [.. users.Select(user => user.Messages.OfType<TokenGenerated>().Select(token => token.Token).ToArray())];
    }

    public void Dispose()
    {
        _system.Dispose();
        _host.Dispose();
        Array.ForEach(_backends, backend => backend.Dispose());
    }
}
