using Actors.Model.Placement;
using Actors.Oracle;
using Actors.Tensors;

namespace Actors.Tests.Support.Reference;

/// <summary>A reference case's training, step by step: AdamW with its numbers, each step in two micro-batches.</summary>
public sealed class ReferenceTraining : IDisposable
{
    private readonly ReferenceModel _model;
    private readonly SerialTrainer _trainer;
    private readonly int[] _ids;
    private readonly int _stepElements;

    public ReferenceTraining(ReferenceCase reference, IBackend backend, int ranks, int ranksPerNode)
    {
        int[] shape = reference.Shape("train_ids");
        _ids = reference.Ints("train_ids");
        _stepElements = shape[1] * shape[2];
        Steps = shape[0];
        _model = new ReferenceModel(reference, backend, ranks, ranksPerNode);
        var options = TestOptimizer.At(1e-3);
        _trainer = new SerialTrainer(
            backend, _model.Stream, _model.Weights, _model.Placement, new BatchPlan(shape[1], 2, 1), shape[2] - 1, options);
    }

    public int Steps { get; }

    public StepResult Step() => _trainer.Step(_ids.AsSpan(_trainer.Steps * _stepElements, _stepElements));

    public void Dispose()
    {
        _trainer.Dispose();
        _model.Dispose();
    }
}
