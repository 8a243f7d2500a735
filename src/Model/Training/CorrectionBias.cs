using System.Runtime.InteropServices;
using Actors.Tensors;

namespace Actors.Model.Training;

/// <summary>
/// The auxiliary-loss-free balance of experts (DeepSeek-V3 technical report, section 2.1.2): b += γ · sign(mean load − load), expert by expert. The host has
/// the loads and works out the steps; the stream adds them to the values, which stay where the gate reads them.
/// </summary>
public sealed class CorrectionBias : IDisposable
{
    private readonly Arena _arena;
    private readonly Tensor _steps;
    private readonly float[] _host;

    /// <summary>Allocates for layers of <paramref name="experts"/> routed experts.</summary>
    public CorrectionBias(IBackend backend, int experts)
    {
        _arena = new Arena(backend, Arena.Plan(1, experts));
        _steps = _arena.Take(1, experts);
        _host = new float[experts];
    }

    /// <summary>Enqueues the update of a layer's biases.</summary>
    /// <param name="stream">Where.</param>
    /// <param name="bias">Correction bias of the layer's experts (1, experts), updated.</param>
    /// <param name="loads">How often each was chosen in the step, summed over all ranks.</param>
    /// <param name="speed">γ.</param>
    public void Update(IStream stream, Tensor bias, ReadOnlySpan<long> loads, double speed)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (loads.Length != _host.Length)
        {
            throw new ArgumentException($"{loads.Length} loads do not fit {_host.Length} experts.", nameof(loads));
        }

        long total = 0;
        foreach (long load in loads)
        {
            total += load;
        }

        for (int e = 0; e < _host.Length; e++)
        {
            // sign(total / n − load) without a division.
            _host[e] = (float)speed * Math.Sign(total - (loads[e] * _host.Length));
        }

        stream.Upload(MemoryMarshal.AsBytes<float>(_host), _steps);
        stream.Add(bias, _steps, bias);
    }

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();
}
