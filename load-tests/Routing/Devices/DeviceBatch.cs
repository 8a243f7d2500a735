using System.Runtime.InteropServices;
using Actors.Cpu;
using Actors.Model;
using Actors.Model.Layers;
using Actors.Model.Transfer;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.LoadTests.Routing.Devices;

/// <summary>One rank's tokens in one exchange on its device, as the activations of a layer, and the same on the host, which has drawn them and compares.</summary>
internal sealed class DeviceBatch : IDisposable
{
    private readonly RankBatch _host;
    private readonly GateShape _gate;
    private readonly Arena _arena;
    private readonly Tensor _logits, _scores, _bias;

    /// <summary>Brings tokens to a device, with NaN where sums come back: what is not written shows.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="stream">Brings them, and chooses their experts: it is the stream that will, so that what it needs for that is allocated now.</param>
    /// <param name="options">The group.</param>
    /// <param name="model">Its sizes.</param>
    /// <param name="host">The tokens.</param>
    /// <param name="isElsewhere">Whether a rank is on another device.</param>
    public DeviceBatch(IBackend backend, IStream stream, RoutingOptions options, ModelConfig model, RankBatch host, Func<int, bool> isElsewhere)
    {
        (Backend, _host, _gate) = (backend, host, options.Gate);
        Layer = new LayerActivations(backend, model, model.FirstDenseLayers, options.Tokens, ActivationMode.ForwardOnly, routesOnHost: false);
        Layer.SetTokens(options.Tokens);
        _arena = new Arena(backend, (2 * Arena.Plan(options.Tokens, options.Experts)) + Arena.Plan(1, options.Experts));
        (_logits, _scores) = (_arena.Take(options.Tokens, options.Experts), _arena.Take(options.Tokens, options.Experts));
        _bias = _arena.Take(1, options.Experts);
        stream.Upload(MemoryMarshal.AsBytes(host.Logits.AsSpan<float>()), _logits);
        stream.Zero(_bias);
        stream.Upload(host.RowBytes, Layer.Attention.Normed);
        byte[] poison = new byte[host.RowBytes.Length];
        Array.Fill(poison, (byte)0xFF);
        stream.Upload(poison, Layer.Routed);
        ChooseExperts(stream);
        using var reader = new HostReader(stream);
        reader.Read<int>(Layer.Attention.Experts).CopyTo(host.Experts.AsSpan<int>());
        RowsToOtherDevices = host.CountRows(options.Shape, isElsewhere);
    }

    public IBackend Backend { get; }

    /// <summary>Tokens, choices, weights, and sums that come back.</summary>
    public LayerActivations Layer { get; }

    /// <summary>Rows that go to ranks on other devices.</summary>
    public long RowsToOtherDevices { get; }

    /// <summary>Runs the gate.</summary>
    public void ChooseExperts(IStream stream) =>
        stream.ChooseExperts(_logits, _bias, _gate, _scores, Layer.Attention.Experts, Layer.Attention.ExpertWeights);

    /// <summary>Throws unless every token came back as its weight sum times itself.</summary>
    /// <param name="stream">Brings it to the host.</param>
    /// <param name="rank">The rank, for the message.</param>
    public void Check(IStream stream, int rank)
    {
        using var reader = new HostReader(stream);
        reader.Read<float>(Layer.Attention.ExpertWeights).CopyTo(_host.Weights.AsSpan<float>());
        reader.ReadFloats(Layer.Routed).CopyTo(_host.Combined.AsSpan<float>());
        _host.Check(rank);
    }

    public void Dispose()
    {
        Layer.Dispose();
        _arena.Dispose();
    }
}
