using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Actors.Cpu;
using Actors.Model.Parameters;
using Actors.Runtime.Cluster;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Tensors;
using Actors.Tests.Support;
using Akka.Actor;

namespace Actors.Parity.Tests.Training;

/// <summary>What training gives to the last bit, as a line of text.</summary>
internal static class TrainedBits
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Trains through the actors from seed 1.</summary>
    /// <returns>The loss of each step, so that it reads back to the same bits, and the start of the SHA-256 of all values.</returns>
    public static async Task<string> OfAsync(RunPlan plan, int steps)
    {
        using var backend = new CpuBackend();
        using var memory = new TrainingHost(plan, new RunDevices(backend, static () => new HostLink()), TimeProvider.System);
        foreach ((IStream stream, ModelWeights weights) in memory.Parts())
        {
            weights.Initialize(stream, seed: 1);
        }

        using ActorSystem system = ActorSystem.Create("recorded", "akka { loglevel = OFF, stdout-loglevel = OFF }");
        List<double> losses = await TrainAsync(system, memory, steps);
        await system.Terminate().WaitAsync(Patience);
        return string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', losses.Select(loss => loss.ToString("R", CultureInfo.InvariantCulture)))} {Hash(memory.Blocks())}");
    }

    private static async Task<List<double>> TrainAsync(ActorSystem system, TrainingHost memory, int steps)
    {
        ActorRun run = ActorRun.Start(system, memory, new TrainerOptions
        {
            Optimizer = TestOptimizer.At(1e-2) with { BiasUpdateSpeed = 0.01 },
            Batches = new CountedBatches(memory.Plan.Model.VocabularySize),
            StallTimeout = Patience,
            Time = TimeProvider.System,
        });
        using Inbox user = Inbox.Create(system);
        user.Send(run.Coordinator, new Train(steps, CheckpointEverySteps: 0));
        var losses = new List<double>();
        while (await user.ReceiveAsync(Patience) is var answer && answer is StepCompleted step)
        {
            losses.Add(step.Loss);
        }

        return losses.Count == steps ? losses : throw new InvalidOperationException($"{losses.Count} of {steps} steps were trained.");
    }

    private static string Hash(IEnumerable<ParameterBlock> blocks)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (ParameterBlock block in blocks)
        {
            hash.AppendData(MemoryMarshal.AsBytes(block.Values.AsSpan<float>()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }

    /// <summary>Tokens from a counter: no source of random numbers whose order may change.</summary>
    private sealed class CountedBatches(int vocabulary) : IBatchSource
    {
        public void Draw(int step, int sequence, Span<int> ids, Span<int> targets)
        {
            int first = sequence * ids.Length;
            for (int i = 0; i < ids.Length; i++)
            {
                ids[i] = Token(step, first + i);
                targets[i] = Token(step, first + i + 1);
            }
        }

        private int Token(int step, int i) => (int)(((((long)step * 7919) + i) * ((long)i + 104729) / 13) % vocabulary);
    }
}
