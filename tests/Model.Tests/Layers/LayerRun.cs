using System.Runtime.InteropServices;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Tensors;
using Actors.Tensors.Formats;

namespace Actors.Model.Tests.Layers;

/// <summary>One chunk's way through a layer with experts, all of them local: forward, backward for input, weight gradients.</summary>
internal sealed class LayerRun : IDisposable
{
    private readonly IStream _stream;
    private readonly TransformerLayer _layer;
    private readonly RoutedExperts _experts;
    private readonly LayerActivations _activations;
    private readonly RoutedExpertsActivations _rows;
    private readonly SequenceLayout _layout;
    private readonly DeviceBuffer _buffer;
    private readonly int _seed;

    public LayerRun(TinyModel model, TransformerLayer layer, RoutedExperts experts, ActivationMode mode, int[] lengths, int seed)
    {
        _stream = model.Stream;
        _layer = layer;
        _experts = experts;
        _seed = seed;
        int tokens = lengths.Sum();
        _activations = new LayerActivations(model.Backend, model.Config, layer.Weights.Layer, tokens, mode, routesOnHost: false);
        _rows = new RoutedExpertsActivations(model.Backend);
        _layout = new SequenceLayout(model.Backend, tokens, lengths.Length);
        _layout.Set(_stream, lengths);
        _activations.SetTokens(tokens);
        int hidden = model.Config.HiddenSize;
        ElementType rows = model.Backend.Precision.Rows;
        _buffer = model.Backend.Allocate(2L * tokens * hidden * rows.SizeInBytes());
        Output = new Tensor(_buffer, 0, tokens, hidden, hidden, rows);
        InputGradient = new Tensor(_buffer, (long)tokens * hidden, tokens, hidden, hidden, rows);
    }

    public Tensor Output { get; }

    public Tensor InputGradient { get; }

    public void Forward()
    {
        AttentionActivations attention = _activations.Attention;
        Fill(attention.Input, _seed);
        _layer.Attention.Forward(_stream, attention, _layout);
        _layer.ForwardFeedForward(_stream, _activations, Output);
        _experts.Forward(
            _stream, _rows, attention.Normed, attention.Experts, (int)attention.Experts.Count, attention.ExpertWeights, _activations.Routed);
        _layer.ForwardCombine(_stream, _activations, Output);
    }

    public void BackwardInput(GradientSet gradients)
    {
        AttentionActivations attention = _activations.Attention;
        Fill(attention.OutputGradient, _seed + 1);
        _layer.BackwardFeedForwardInput(_stream, _activations);
        _experts.BackwardInput(_stream, _rows, attention.OutputGradient, _activations.Routed, attention.ExpertWeightGradient);
        _layer.BackwardCombine(_stream, _activations);
        _layer.Attention.BackwardInput(_stream, attention, _layout, InputGradient, gradients);
    }

    public void BackwardWeights(GradientSet gradients)
    {
        _layer.BackwardFeedForwardWeights(_stream, _activations, gradients);
        _layer.Attention.BackwardWeights(_stream, _activations.Attention, gradients);
        _experts.BackwardWeights(_stream, _rows, gradients);
    }

    public void Dispose()
    {
        _activations.Dispose();
        _rows.Dispose();
        _layout.Dispose();
        _buffer.Dispose();
    }

    private void Fill(Tensor tensor, int seed)
    {
        var random = new Random(seed);
        float[] values = [.. Enumerable.Range(0, (int)tensor.Count).Select(_ => random.NextSingle() - 0.5f)];
        if (tensor.Type == ElementType.BFloat16)
        {
            var rounded = new ushort[values.Length];
            BFloat16.FromSingle(values, rounded);
            _stream.Upload(MemoryMarshal.AsBytes<ushort>(rounded), tensor);
        }
        else
        {
            _stream.Upload(MemoryMarshal.AsBytes<float>(values), tensor);
        }
    }
}
