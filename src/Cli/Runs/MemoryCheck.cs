using Actors.Cli.Progress;
using Actors.Cli.Requests;
using Actors.Model;
using Actors.Model.Tokenizers;
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

    /// <summary>What the text that a run writes at its end takes beside the values that it trains.</summary>
    private static MemoryEstimate OfSample(RunPlan plan, ActorsSettings settings, IBackend backend)
    {
        RunPlan serving = ServingSession.SamplePlanOf(plan);
        InferenceOptions options = ServingSession.SampleOptionsOf(serving, settings);
        return !HasSample(plan.Model, settings) ? default
            : plan.Domains > 1 ? MemoryPlan.OfServing(serving, options, backend)
            : MemoryPlan.OfSample(serving, options, backend);
    }

    /// <summary>What a training run takes; the text that it writes at its end included.</summary>
    public static PlannedMemory PlanTraining(ActorsSettings settings, ModelConfig model, OpenDevices devices, bool isSerial) =>
        Plan(settings, RunPlan.Of(settings, model), devices, isSerial, out _);

    private static PlannedMemory Plan(ActorsSettings settings, RunPlan plan, OpenDevices devices, bool isSerial, out IReadOnlyList<MemoryEstimate> byDevice)
    {
        IBackend backend = devices.First;
        if (isSerial)
        {
            byDevice = [MemoryPlan.OfSerialTraining(plan, backend)];
            return new PlannedMemory(null, null, byDevice[0], default);
        }

        MemoryEstimate sample = OfSample(plan, settings, backend);
        var memory = new TrainingMemory(plan, backend, evaluates: settings.Data.HeldOutFraction > 0);
        MemoryTable expected = memory.Of(RoutingLoad.Expected);
        byDevice = backend.OrdersStreams
            ? Add(WithWorkspaces(expected, backend), Shares(sample, ServingSession.SamplePlanOf(plan).Devices))
            : [expected.Total + sample];
        return new PlannedMemory(memory.Of(RoutingLoad.Balanced), memory.Of(RoutingLoad.Most), byDevice.Aggregate(static (left, right) => left + right), sample)
        {
            InUse = devices.BytesInUse,
            WorkspaceBytes = backend.StreamBytes,
        };
    }

    /// <summary>Whether a run writes a text at its end: where its tokens are bytes, or a tokenizer is named.</summary>
    private static bool HasSample(ModelConfig model, ActorsSettings settings) =>
        ServingSession.CanSpeak(model, ByteTokenizer.Instance) || settings.Data.Tokenizer is not null
        || (settings.Model.Path is { } folder && BytePairTokenizer.IsIn(folder));

    /// <summary>Refuses a training run, or says what it takes.</summary>
    /// <exception cref="UsageException">It needs more than there is.</exception>
    public static PlannedMemory RequireForTraining(ActorsSettings settings, ModelConfig model, OpenDevices devices, bool isSerial)
    {
        RunPlan plan = RunPlan.Of(settings, model);
        PlannedMemory planned = Plan(settings, plan, devices, isSerial, out IReadOnlyList<MemoryEstimate> byDevice);
        Require(settings, byDevice, devices, TrainingSmaller);

        // GPUs keep all else; where the host is the device it is part of what was checked.
        return devices.FreeBytes is not null && settings.Backend.ChecksMemory && AverageRefusal(MemoryPlan.OfAverages(plan), AvailableMemory.Bytes()) is { } refusal
            ? throw new UsageException(refusal)
            : planned;
    }

    /// <summary>Refuses an evaluation.</summary>
    /// <exception cref="UsageException">It needs more than there is.</exception>
    public static void RequireForEvaluation(ActorsSettings settings, RunPlan plan, OpenDevices devices, bool isSerial) => Require(
        settings,
        isSerial || !devices.First.OrdersStreams
            ? [MemoryPlan.OfEvaluation(plan, devices.First, isSerial)]
            : Add(OfSteps(plan, devices.First), Shares(MemoryPlan.OfLogits(plan), plan.Devices)),
        devices,
        EvaluationSmaller);

    /// <summary>Refuses to serve.</summary>
    /// <exception cref="UsageException">It needs more than there is.</exception>
    public static void RequireForServing(ActorsSettings settings, RunPlan plan, InferenceOptions options, OpenDevices devices) =>
        Require(settings, Shares(MemoryPlan.OfServing(plan, options, devices.First), devices.First.OrdersStreams ? plan.Devices : 1), devices, ServingSmaller);

    private static IReadOnlyList<MemoryEstimate> OfSteps(RunPlan plan, IBackend backend) =>
        new TrainingMemory(plan, backend).Of(RoutingLoad.Expected) is var memory && backend.OrdersStreams ? WithWorkspaces(memory, backend) : [memory.Total];

    /// <summary>By device, with what libraries and kernels take for the stream of each rank.</summary>
    private static MemoryEstimate[] WithWorkspaces(MemoryTable memory, IBackend backend) => Add(
        memory.Devices, Shares(MemoryEstimate.For(MemoryKind.Temporaries, (double)memory.Plan.Ranks * backend.StreamBytes), memory.Plan.Devices));

    /// <summary>What is estimated for all devices together, taken as equal on each.</summary>
    private static MemoryEstimate[] Shares(MemoryEstimate estimate, int devices) => [.. Enumerable.Repeat(estimate / devices, devices)];

    private static MemoryEstimate[] Add(IReadOnlyList<MemoryEstimate> estimates, MemoryEstimate[] more) =>
        [.. estimates.Select((estimate, device) => device < more.Length ? estimate + more[device] : estimate)];

    private static void Require(ActorsSettings settings, IReadOnlyList<MemoryEstimate> estimates, OpenDevices devices, string smaller)
    {
        if (!settings.Backend.ChecksMemory)
        {
            return;
        }

        string? refusal = devices.FreeBytes is { } free
            ? estimates.Select((estimate, device) => Refusal(settings.Cuda.Devices[device], estimate, free[device], smaller)).FirstOrDefault(static refusal => refusal is not null)
            : Refusal(estimates.Aggregate(static (left, right) => left + right), AvailableMemory.Bytes(), smaller);
        if (refusal is not null)
        {
            throw new UsageException(refusal);
        }
    }

    /// <summary>The refusal of what does not fit into the <paramref name="free"/> bytes of a GPU, or null.</summary>
    internal static string? Refusal(int gpu, MemoryEstimate estimate, double free, string smaller) => estimate.OnDevice <= free ? null
        : $"GPU {gpu} needs about {Text(estimate.OnDevice)} of memory ({Parts(estimate)}) and has {Text(free)} free, so {Text(estimate.OnDevice - free)} are missing: "
            + $"{smaller}; actors.backend.memory-check=off starts it all the same";

    /// <summary>The refusal of what does not fit into <paramref name="available"/> bytes, or null.</summary>
    internal static string? Refusal(MemoryEstimate estimate, double available, string smaller) => estimate.Total <= available ? null
        : $"about {Text(estimate.Total)} of memory are needed ({Parts(estimate)}) and {Text(available)} are available, so "
            + $"{Text(estimate.Total - available)} are missing: {smaller}; actors.backend.memory-check=off starts it all the same";

    /// <summary>The refusal of averages of a GPU's parameters that do not fit into <paramref name="available"/> bytes of the host, or null.</summary>
    internal static string? AverageRefusal(double averages, double available) => averages == 0 || averages + MemoryEstimate.Process <= available ? null
        : $"the average of the parameters needs about {Text(averages)} of the host's memory, and {Text(available)} are available: "
            + "set actors.training.average.decay to 0; actors.backend.memory-check=off starts it all the same";

    private static string Parts(MemoryEstimate estimate) =>
        $"weights {Text(estimate.Weights)}, gradients and moments {Text(estimate.Training)}, activations {Text(estimate.Activations)}, rows between ranks {Text(estimate.Exchange)}";

    /// <summary>Bytes in words.</summary>
    internal static string Text(double bytes) => Quantity.Bytes((long)Math.Min(bytes, long.MaxValue / 2));
}
