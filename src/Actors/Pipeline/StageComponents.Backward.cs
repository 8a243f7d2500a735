using Actors.Model.Layers;
using Actors.Runtime.Fabric;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <content>The components of a chunk's backward.</content>
internal sealed partial class StageComponents
{
    private void StartGradientDispatch(Component c)
    {
        int exchange = Exchange(c);
        LayerActivations a = ActivationsOf(c);
        _rank.Fabric.Source(_rank.ExpertRank, exchange).SetBackward(a.Attention.OutputGradient, a.Routed, a.Attention.ExpertWeightGradient);
        _clock.CommunicationStarted(c, exchange, ExchangePhase.Backward, _exchanges.DispatchGradients(exchange));
    }

    private void ReceiveBackward(Component c)
    {
        ChunkActivations chunk = ChunkOf(c);
        Tensor gradient = chunk.Layers[^1].Attention.OutputGradient;
        if (chunk.Head is { } activations)
        {
            StageModel stage = StageOf(c);
            stage.Head!.BackwardInput(Stream, activations, gradient, stage.Gradients!);
            return;
        }

        Tensor rows = _rank.Pipeline.TakeGradient(c.Stage, c.MicroBatch, _rank.ExpertRank);
        Stream.Copy(rows, gradient);
        _rank.Pipeline.Pool.Return(rows);
    }

    private void AttentionBackward(Component c)
    {
        ChunkActivations chunk = ChunkOf(c);
        LayerActivations a = chunk.Layers[c.Layer];
        TransformerLayer layer = LayerOf(c);
        if (layer.Weights.HasExperts)
        {
            layer.BackwardCombine(Stream, a);
        }

        if (c.Layer == 0)
        {
            chunk.InputGradient = _rank.Pipeline.Pool.Rent(chunk.Tokens, a.Attention.Input.Columns);
        }

        Tensor gradient = c.Layer == 0 ? chunk.InputGradient : chunk.Layers[c.Layer - 1].Attention.OutputGradient;
        layer.Attention.BackwardInput(Stream, a.Attention, chunk.Sequences, gradient, StageOf(c).Gradients!);
    }

    private void SendBackward(Component c)
    {
        if (c.Stage == 0)
        {
            return;
        }

        ChunkActivations chunk = ChunkOf(c);
        _rank.Pipeline.PutGradient(c.Stage - 1, c.MicroBatch, _rank.ExpertRank, chunk.InputGradient);
        chunk.InputGradient = default;
        StageAt(c.Stage - 1, c.MicroBatch).Tell(new GradientArrived(c.Stage - 1, c.MicroBatch), _self);
    }

    private void EndWeights(Component c)
    {
        ChunkActivations chunk = ChunkOf(c);
        StageModel stage = StageOf(c);
        if (chunk.Head is { } head)
        {
            stage.Head!.BackwardWeights(Stream, head, stage.Gradients!);
        }

        if (stage.Embedding is { } embedding)
        {
            embedding.BackwardWeights(Stream, _rank.Input.Ids(c.MicroBatch, _rank.ExpertRank), chunk.InputGradient, stage.Gradients!);
            _rank.Pipeline.Pool.Return(chunk.InputGradient);
            chunk.InputGradient = default;
        }
    }
}
