using Actors.Cpu;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Model.Training;
using Actors.Oracle;
using Actors.Runtime.Placement;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training;

/// <summary>The serial trainer of a plan on fresh values of seed 1, those of <see cref="TrainingFixture"/>: what actors are compared with.</summary>
internal sealed class FreshSerial : IDisposable
{
    private readonly IBackend _backend;
    private readonly IStream _stream;

    /// <summary>Makes model, gradients and moments.</summary>
    /// <param name="plan">Shape of the run.</param>
    /// <param name="options">Numbers of the optimizer.</param>
    /// <param name="backend">Computes, and is freed; null: float32 on the CPU.</param>
    public FreshSerial(RunPlan plan, OptimizerOptions options, IBackend? backend = null)
    {
        _backend = backend ?? new CpuBackend();
        _stream = _backend.CreateStream("serial");
        Weights = new ModelWeights(_backend, plan.Model, ModelPart.Whole(plan.Model, plan.ExpertPlacement()));
        Weights.Initialize(_stream, seed: 1);
        Trainer = new SerialTrainer(
            _backend, _stream, Weights, plan.ExpertPlacement(), new BatchPlan(plan.Sequences, plan.MicroBatches, plan.ExpertRanks), plan.SequenceLength, options,
            plan.Activations, plan.Batches, logitsLimit: plan.LogitsLimit, hasTimetable: plan.HasTimetable);
    }

    /// <summary>The values.</summary>
    public ModelWeights Weights { get; }

    /// <summary>Trains them.</summary>
    public SerialTrainer Trainer { get; }

    public void Dispose()
    {
        Trainer.Dispose();
        Weights.Dispose();
        _stream.Dispose();
        _backend.Dispose();
    }
}
