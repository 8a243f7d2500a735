using Actors.Cli.Progress;
using Actors.Model;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;
using Actors.Runtime.Training.Memory;
using Actors.Tensors;

namespace Actors.Cli.Runs;

/// <summary>Refuses a run that the machine has no memory for, before anything is allocated: the system would end it without a word.</summary>
internal static class MemoryCheck
{
    private const string TrainingSmaller =
        "set a smaller actors.training.batch-sequences or sequence-length, a smaller model, fewer ranks (each has gradients of its own), or recompute = on";

    private const string ServingSmaller = "set a smaller actors.inference.max-sequences or max-length, or take a smaller model";

    private const string EvaluationSmaller = "evaluate fewer or shorter sequences at a time, or a smaller model";

    /// <summary>What a training run takes, the text that it writes at its end included.</summary>
    public static MemoryEstimate OfTraining(RunPlan plan, ActorsSettings settings, IBackend backend, bool isSerial)
    {
        if (isSerial)
        {
            return MemoryPlan.OfSerialTraining(plan, backend);
        }

        RunPlan serving = ServingSession.SamplePlanOf(plan);
        InferenceOptions options = ServingSession.SampleOptionsOf(serving, settings);
        MemoryEstimate sample = !ServingSession.CanSpeak(plan.Model) ? default
            : plan.Domains > 1 ? MemoryPlan.OfServing(serving, options, backend)
            : MemoryPlan.OfSample(serving, options, backend);
        return MemoryPlan.OfTraining(plan, backend) + sample;
    }

    /// <summary>Refuses a training run, or says what it takes.</summary>
    /// <exception cref="UsageException">It needs more than there is.</exception>
    public static MemoryEstimate RequireForTraining(ActorsSettings settings, ModelConfig model, OpenDevices devices, bool isSerial) =>
        Require(settings, OfTraining(RunPlan.Of(settings, model), settings, devices.First, isSerial), devices, TrainingSmaller);

    /// <summary>Refuses an evaluation.</summary>
    /// <exception cref="UsageException">It needs more than there is.</exception>
    public static void RequireForEvaluation(ActorsSettings settings, RunPlan plan, OpenDevices devices, bool isSerial) =>
        Require(settings, MemoryPlan.OfEvaluation(plan, devices.First, isSerial), devices, EvaluationSmaller);

    /// <summary>Refuses to serve.</summary>
    /// <exception cref="UsageException">It needs more than there is.</exception>
    public static void RequireForServing(ActorsSettings settings, RunPlan plan, InferenceOptions options, OpenDevices devices) =>
        Require(settings, MemoryPlan.OfServing(plan, options, devices.First), devices, ServingSmaller);

    private static MemoryEstimate Require(ActorsSettings settings, MemoryEstimate estimate, OpenDevices devices, string smaller) =>
        settings.Backend.ChecksMemory && Refusal(estimate, devices.FreeBytes ?? AvailableMemory.Bytes(), smaller) is { } refusal ? throw new UsageException(refusal) : estimate;

    /// <summary>The refusal of what does not fit into <paramref name="available"/> bytes, or null.</summary>
    internal static string? Refusal(MemoryEstimate estimate, double available, string smaller) => estimate.Total <= available ? null
        : $"about {Text(estimate.Total)} of memory are needed (weights {Text(estimate.Weights)}, gradients and moments {Text(estimate.Training)}, "
            + $"activations {Text(estimate.Activations)}, rows between ranks {Text(estimate.Exchange)}) and {Text(available)} are available, so "
            + $"{Text(estimate.Total - available)} are missing: {smaller}; actors.backend.memory-check=off starts it all the same";

    /// <summary>Bytes in words.</summary>
    internal static string Text(double bytes) => Quantity.Bytes((long)Math.Min(bytes, long.MaxValue / 2));
}
