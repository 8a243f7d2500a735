using Actors.Cpu;
using Actors.Model.Checkpoint;
using Actors.Model.Training;

namespace Actors.Model.Tests.Training;

public sealed class TrainingCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Values_moments_and_state_come_back_at_another_placement()
    {
        using var written = new TinyModel(new CpuBackend(), ranks: 2, ranksPerNode: 1, seed: 1);
        using var read = new TinyModel(new CpuBackend(), ranks: 4, ranksPerNode: 2, seed: 2);
        using AdamWOptimizer from = Optimizer(written, start: 1), to = Optimizer(read, start: 0);
        var state = new RunState(7) { Run = "r", Seed = 3, BatchSequences = 4, SequenceLength = 5, TextBytes = 6 };

        TrainingCheckpoint.Save(_folder.Path, state, HubConfig.Create(written.Config), written.Stream, written.Weights.Blocks, Blocks(from));
        TrainingCheckpoint.LoadModel(_folder.Path, [(read.Stream, read.Weights)]);
        TrainingCheckpoint.LoadMoments(_folder.Path, read.Stream, Blocks(to));

        Assert.Equal(state, RunState.Read(_folder.Path));
        string again = Directory.CreateDirectory(Path.Combine(_folder.Path, "again")).FullName;
        TrainingCheckpoint.Save(again, state, HubConfig.Create(read.Config), read.Stream, read.Weights.Blocks, Blocks(to));
        foreach (string file in (string[])["model.safetensors", "optimizer/model.safetensors"])
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(_folder.Path, file)), File.ReadAllBytes(Path.Combine(again, file)));
        }
    }

    private static TrainedBlock[] Blocks(AdamWOptimizer optimizer) =>
        [.. optimizer.FirstMoment.Blocks.Select(block => TrainedBlock.Of(optimizer, block))];

    /// <summary>Moments that differ from element to element and from each other.</summary>
    private static AdamWOptimizer Optimizer(TinyModel model, int start)
    {
        var optimizer = new AdamWOptimizer(model.Backend, model.Weights.Blocks);
        int next = start;
        foreach (TrainedBlock block in Blocks(optimizer))
        {
            Fill(block.First.AsSpan<float>());
            Fill(block.Second.AsSpan<float>());
        }

        return optimizer;

        void Fill(Span<float> values)
        {
            foreach (ref float value in values)
            {
                value = start == 0 ? 0 : next++;
            }
        }
    }
}
