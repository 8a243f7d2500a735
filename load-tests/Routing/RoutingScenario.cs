using Actors.Gpu.Devices;
using Actors.LoadTests.Gpu;
using Actors.LoadTests.Links;
using Actors.LoadTests.Measuring;
using Actors.LoadTests.Routing.Devices;
using Actors.LoadTests.Routing.Nodes;
using Actors.Tensors;

namespace Actors.LoadTests.Routing;

/// <summary>The scenario's steps: check, warm-up, keep constant, inject, and a check again. Of two ways of working each has its turns.</summary>
/// <param name="options">What is run.</param>
/// <param name="arguments">The command line that made the options, for node processes.</param>
/// <param name="progress">Is told how it goes.</param>
/// <param name="openDevices">Opens the devices of ranks that do not compute on the CPU; null: the first GPUs.</param>
internal sealed class RoutingScenario(
    RoutingOptions options, string[] arguments, Action<string> progress, Func<RoutingOptions, IReadOnlyList<IBackend>>? openDevices = null)
{
    private static readonly TimeSpan TurnTime = TimeSpan.FromSeconds(0.3);
    private readonly List<double> _socket = [];

    public async Task<RoutingResults> RunAsync()
    {
        await using OneProcess one = Open();
        if (options.Processes == 0)
        {
            return new RoutingResults(options, await RunAsync([one], static () => { }), []);
        }

        await using PeerProcess peer = await PeerProcess.StartAsync();
        using var socket = new PlainSocketLoad(peer.PlainPort);
        await using NodeProcesses several = await NodeProcesses.StartAsync(options, arguments);
        int payload = (int)Math.Min(options.Fabric.ChunkRows * (long)options.Shape.RowBytes, LinkLoad.MostBytes);
        socket.Run(payload, TurnTime);
        return new RoutingResults(options, await RunAsync([one, several], () => _socket.Add(socket.Run(payload, TurnTime))), _socket);
    }

    private OneProcess Open()
    {
        if (options.Gpus == 0)
        {
            return new OneProcess(new RoutingPlane(options));
        }

        IReadOnlyList<IBackend> devices = openDevices?.Invoke(options) ?? OpenGpus.First(GpuMachine.Read(), options.Gpus, Precision.OfRows(options.RowType));
        var plane = new DevicePlane(options, devices);
        return new OneProcess(plane, $"{devices.Count} x {devices[0].Name}, by {(plane.UsesFlags ? "flags" : "marks")}");
    }

    private async Task<IReadOnlyList<RoutingResult>> RunAsync(IRoutingWork[] works, Action endRound)
    {
        // What a host copies says nothing of rows between devices, and would heat the processors that start them.
        using MemoryCopy? copy = options.Gpus == 0 ? new MemoryCopy(Environment.ProcessorCount) : null;
        foreach (IRoutingWork work in works)
        {
            progress($"{work.Name}: check {options.UnderWay} exchanges of {options.TokensOfExchange} tokens, warm-up {options.WarmUpSeconds:0.#} s");
            await work.Simulations.KeepConstantAsync(TimeSpan.Zero, new LatencyHistogram());
            await work.CheckAsync();
            await work.Simulations.KeepConstantAsync(TimeSpan.FromSeconds(options.WarmUpSeconds), new LatencyHistogram());
        }

        copy?.Measure(TurnTime);
        (List<RoutingRound> Rounds, LatencyHistogram Latency)[] closed = [.. works.Select(_ => (new List<RoutingRound>(), new LatencyHistogram()))];
        CopySpeed before = copy?.Measure(TurnTime) ?? default;
        for (int round = 0; round < options.Rounds; round++)
        {
            foreach ((IRoutingWork work, (List<RoutingRound> rounds, LatencyHistogram latency)) in works.Zip(closed))
            {
                RoutingCounts start = await work.CountAsync();
                Played played = await work.Simulations.KeepConstantAsync(TimeSpan.FromSeconds(options.Seconds / options.Rounds), latency);
                RoutingCounts moved = await work.CountAsync() - start;
                CopySpeed after = copy?.Measure(TurnTime) ?? default;
                rounds.Add(new RoutingRound(options, played, moved, CopySpeed.Between(before, after)));
                progress($"{work.Name}: keep constant, round {round + 1} of {options.Rounds}: {rounds[^1].TokensPerSecond:N0} tokens/s"
                    + (copy is null ? "" : $", {rounds[^1].CopyRatio:0.00} of a copy, {rounds[^1].CoreRatio:0.00} a core second"));
                before = after;
            }

            endRound();
        }

        List<RoutingResult> results = [];
        foreach ((IRoutingWork work, (List<RoutingRound> rounds, LatencyHistogram latency)) in works.Zip(closed))
        {
            double rate = options.Rate ?? Spread.Of(rounds.Select(round => round.TokensPerSecond)).Median / 2;
            var injected = new LatencyHistogram();
            Played? open = rate == 0 ? null : await InjectAsync(work, rate, injected);
            await work.CheckAsync();
            results.Add(new RoutingResult(work.Name, rounds, latency, rate, open, injected));
        }

        return results;
    }

    private async Task<Played> InjectAsync(IRoutingWork work, double rate, LatencyHistogram latency)
    {
        progress($"{work.Name}: inject {rate:N0} tokens/s for {options.Seconds:0.#} s");
        return await work.Simulations.InjectAsync(rate / options.TokensOfExchange, TimeSpan.FromSeconds(options.Seconds), latency);
    }
}
