using Actors.Cpu;
using Actors.Model.Checkpoint;
using Actors.Model.Parameters;
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

        Save(_folder.Path, state, written, from);
        TrainingCheckpoint.LoadModel(_folder.Path, [(read.Stream, read.Weights)]);
        TrainingCheckpoint.LoadMoments(_folder.Path, read.Stream, Blocks(to));

        Assert.Equal(state, RunState.Read(_folder.Path));
        string again = Directory.CreateDirectory(Path.Combine(_folder.Path, "again")).FullName;
        Save(again, state, read, to);
        AssertSameFiles(_folder.Path, again);
    }

    /// <summary>Each writer's blocks go to its own files; together they are the one file's tensors, and are read at another placement.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Several_writers_write_the_tensors_of_one(int writers)
    {
        using var written = new TinyModel(new CpuBackend(), ranks: 4, ranksPerNode: 2, seed: 1);
        using AdamWOptimizer from = Optimizer(written, start: 1);
        Save(Folder("one"), new RunState(7), written, from);
        Save(Folder("several"), new RunState(7), written, from, writers);

        string[] values = [.. Enumerable.Range(1, writers).Select(i => $"model-{i:00000}-of-{writers:00000}.safetensors"), "model.safetensors.index.json"];
        Assert.Equal(
            [.. values.Prepend("config.json"), .. values.Select(file => $"optimizer/{file}"), "training.json"],
            Directory.GetFiles(Folder("several"), "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(Folder("several"), file)).Order(StringComparer.Ordinal));
        SameTensors.Assert(Folder("one"), Folder("several"));
        SameTensors.Assert(Folder("one/optimizer"), Folder("several/optimizer"));

        using var read = new TinyModel(new CpuBackend(), ranks: 2, ranksPerNode: 1, seed: 2);
        using AdamWOptimizer to = Optimizer(read, start: 0);
        TrainingCheckpoint.LoadModel(Folder("several"), [(read.Stream, read.Weights)]);
        TrainingCheckpoint.LoadMoments(Folder("several"), read.Stream, Blocks(to));
        Save(Folder("again"), new RunState(7), read, to);
        AssertSameFiles(Folder("one"), Folder("again"));
    }

    [Fact]
    public void A_writer_whose_files_are_missing_or_whose_disk_is_another_is_refused()
    {
        using var model = new TinyModel(new CpuBackend(), ranks: 4, ranksPerNode: 2, seed: 1);
        using AdamWOptimizer optimizer = Optimizer(model, start: 1);
        CheckpointShares shares = Shares(model, writers: 2);
        Assert.Equal(
            $"{Folder("there")}: is not there: all processes of a run need the same disk; name a folder on it with --out",
            Assert.Throws<CheckpointException>(() => Write(Folder("there"), shares, 0, model, optimizer)).Message);

        TrainingCheckpoint.Begin(Folder("there"), new RunState(7), HubConfig.Create(model.Config));
        Write(Folder("there"), shares, 1, model, optimizer);
        Assert.Equal(
            $"{Folder("there")}/model-00001-of-00002.safetensors: was written, and is not there: all processes of a run need the same disk; name a folder on it with --out",
            Assert.Throws<CheckpointException>(() => TrainingCheckpoint.Complete(Folder("there"), shares)).Message);
        Assert.False(File.Exists(Path.Combine(Folder("there"), "model.safetensors.index.json")));
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder.Path, name)).FullName;

    private static void AssertSameFiles(string one, string other)
    {
        foreach (string file in (string[])["model.safetensors", "optimizer/model.safetensors"])
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(one, file)), File.ReadAllBytes(Path.Combine(other, file)));
        }
    }

    /// <summary>Blocks go to writers in turn.</summary>
    private static int WriterOf(TinyModel model, ParameterBlock block, int writers) => model.Weights.Blocks.ToList().IndexOf(block) % writers;

    private static CheckpointShares Shares(TinyModel model, int writers)
    {
        Dictionary<string, int> holders = model.Weights.Blocks
            .SelectMany(block => block.Tensors.Select(tensor => (tensor.Name, Writer: WriterOf(model, block, writers))))
            .ToDictionary(entry => entry.Name, entry => entry.Writer);
        return new CheckpointShares(model.Config, writers, name => holders[name]);
    }

    private static void Save(string folder, RunState state, TinyModel model, AdamWOptimizer optimizer, int writers = 1)
    {
        CheckpointShares shares = writers == 1 ? CheckpointShares.Whole(model.Config) : Shares(model, writers);
        TrainingCheckpoint.Begin(folder, state, HubConfig.Create(model.Config));
        foreach (int writer in Enumerable.Range(0, writers).Reverse())
        {
            Write(folder, shares, writer, model, optimizer, writers);
        }

        TrainingCheckpoint.Complete(folder, shares);
    }

    private static void Write(string folder, CheckpointShares shares, int writer, TinyModel model, AdamWOptimizer optimizer, int writers = 2) =>
        TrainingCheckpoint.Write(
            folder, shares, writer, model.Stream, model.Weights.Blocks.Where(block => WriterOf(model, block, writers) == writer),
            [.. Blocks(optimizer).Where(trained => WriterOf(model, trained.Block, writers) == writer)]);

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
