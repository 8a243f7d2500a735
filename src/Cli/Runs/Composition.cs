using Actors.Cpu;
using Actors.Tensors;

namespace Actors.Cli.Runs;

/// <summary>What the composition root chooses: device, link and clock.</summary>
internal sealed class Composition
{
    /// <summary>Measures time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Makes the device that the configuration names.</summary>
    public Func<IBackend> MakeBackend { get; init; } = static () => new CpuBackend();

    /// <summary>Makes a link between ranks of this process.</summary>
    public Func<ITensorLink> MakeLink { get; init; } = static () => new HostLink();
}
