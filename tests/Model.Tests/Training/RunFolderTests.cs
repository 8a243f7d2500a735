using Actors.Model.Checkpoint;
using Actors.Model.Training;

namespace Actors.Model.Tests.Training;

public sealed class RunFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Root => Path.Combine(_folder.Path, "run");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_two_checkpoints_written_last_are_kept_and_the_lock_leaves_nothing()
    {
        using (RunFolder run = RunFolder.Start(Root))
        {
            foreach (int step in new[] { 1, 2, 10, 100_000_000 })
            {
                Save(run, step);
            }
        }

        Assert.Equal(["step-00000010", "step-100000000"], Entries());
        Assert.EndsWith("step-100000000", RunFolder.Resolve(Root), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_with_a_run_is_refused_with_both_ways_out_and_keeps_everything()
    {
        using (RunFolder run = RunFolder.Start(Root))
        {
            Save(run, 40);
        }

        CheckpointException refused = Assert.Throws<CheckpointException>(() => RunFolder.Start(Root));

        Assert.Equal($"{Root}: holds a run, up to step-00000040: go on from it with --resume {Root}, or write to another folder with --out DIR", refused.Message);
        Assert.Equal(["step-00000040"], Entries());
    }

    [Theory]
    [InlineData("step-00000007/notes.txt")]
    [InlineData("step-00000007.tmp/config.json")]
    [InlineData("checkpoint-500/model.pt")]
    [InlineData("config.json")]
    [InlineData("model-00001-of-00002.safetensors")]
    [InlineData("pytorch_model.bin")]
    public void What_another_program_wrote_is_refused(string file)
    {
        _folder.Write($"run/{file}", "mine");

        CheckpointException refused = Assert.Throws<CheckpointException>(() => RunFolder.Start(Root));

        Assert.Equal($"{Root}: holds {file.Split('/')[0]}, which this run did not write: write to another folder with --out DIR", refused.Message);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(Root, file)));
    }

    [Fact]
    public void Other_files_are_no_hindrance_and_stay()
    {
        _folder.Write("run/notes.txt", "mine");

        using (RunFolder run = RunFolder.Start(Root))
        {
            Save(run, 1);
        }

        Assert.Equal(["notes.txt", "step-00000001"], Entries());
    }

    [Fact]
    public void A_second_run_is_refused_while_the_first_lives_and_a_dead_one_s_lock_is_taken_over()
    {
        using (RunFolder first = RunFolder.Start(Root))
        {
            CheckpointException refused = Assert.Throws<CheckpointException>(() => RunFolder.Start(Root));
            Assert.Matches(
                $@": another run \(process {Environment.ProcessId} on {Environment.MachineName}, since .+ UTC\) writes to it: wait until .+ --out DIR$", refused.Message);
            Save(first, 1);
            Assert.EndsWith("step-00000001", RunFolder.Resolve(Root), StringComparison.Ordinal);
        }

        _folder.Write("other/.actors.lock", "");
        _folder.Write("other/.actors.owner", "process 1 on a host that is gone");
        using RunFolder other = RunFolder.Start(Path.Combine(_folder.Path, "other"));
        Assert.Equal(Path.Combine(_folder.Path, "other"), other.Folder);
    }

    [Fact]
    public void A_default_folder_that_is_used_or_held_gives_the_next_free_one()
    {
        using RunFolder first = RunFolder.StartBeside(Root);
        using (RunFolder second = RunFolder.StartBeside(Root))
        {
            Assert.Equal(Root + "-2", second.Folder);
            Save(second, 1);
        }

        using RunFolder third = RunFolder.StartBeside(Root);
        Assert.Equal(Root + "-3", third.Folder);
    }

    [Fact]
    public void A_resumed_run_prunes_what_it_goes_on_from_and_nothing_else()
    {
        using (RunFolder run = RunFolder.Start(Root))
        {
            Save(run, 1);
            Save(run, 2);
        }

        _folder.Write("run/step-00000000/training.json", "{\"step\": 0, \"run\": \"another\"}");
        _folder.Write("run/step-00000001/notes.txt", "of a person");
        string newest = RunFolder.Resolve(Root);
        using (RunFolder resumed = RunFolder.Continue(Root, newest, RunState.Read(newest)))
        {
            Save(resumed, 3);
            Save(resumed, 4);
            Save(resumed, 5);
        }

        Assert.Equal(["step-00000000", "step-00000001", "step-00000004", "step-00000005"], Entries());
        Assert.Equal("of a person", File.ReadAllText(Path.Combine(Root, "step-00000001", "notes.txt")));
    }

    [Fact]
    public void Going_on_from_an_older_checkpoint_beside_newer_ones_is_refused()
    {
        using (RunFolder run = RunFolder.Start(Root))
        {
            Save(run, 1);
            Save(run, 2);
        }

        string older = Path.Combine(Root, "step-00000001");
        CheckpointException refused = Assert.Throws<CheckpointException>(() => RunFolder.Continue(Root, older, RunState.Read(older)));

        Assert.Equal(
            $"{Root}: holds step-00000002, newer than step-00000001: go on from the newest with --resume {Root}, or write to another folder with --out DIR",
            refused.Message);
        using RunFolder elsewhere = RunFolder.Continue(Path.Combine(_folder.Path, "elsewhere"), older, RunState.Read(older));
        Assert.Equal(["step-00000001", "step-00000002"], Entries());
    }

    [Fact]
    public void Only_what_this_run_left_unfinished_is_removed()
    {
        using RunFolder run = RunFolder.Start(Root);
        run.Begin(1);
        CheckpointException full = Assert.Throws<CheckpointException>(() => run.Write(1, beside => throw new IOException("the disk is full.")));
        Assert.Equal(
            $"{Root}/step-00000001: cannot be written: the disk is full; earlier checkpoints are untouched: make room, or name another folder with --out",
            full.Message);
        Assert.DoesNotContain(Entries(), name => !name.StartsWith('.'));
        _folder.Write("run/step-00000009.tmp/training.json", $"{{\"step\": 9, \"run\": \"{run.Run}\"}}");
        _folder.Write("run/step-00000008.tmp/notes.txt", "of a person");

        Save(run, 1);

        Assert.Equal(["step-00000001", "step-00000008.tmp"], Entries().Where(name => !name!.StartsWith('.')));
    }

    [Fact]
    public void The_root_of_a_checkpoint_is_its_run_s_folder_and_a_copied_one_has_none()
    {
        using (RunFolder run = RunFolder.Start(Root))
        {
            Save(run, 1);
        }

        string copied = _folder.Write("copy/config.json", "{}");

        Assert.Equal(Root, RunFolder.RootOf(Root));
        Assert.Equal(Root, RunFolder.RootOf(Path.Combine(Root, "step-00000001") + "/"));
        Assert.Null(RunFolder.RootOf(Path.GetDirectoryName(copied)!));
    }

    private static void Save(RunFolder run, int step)
    {
        run.Begin(step);
        run.Write(step, beside =>
        {
            new RunState(step) { Run = run.Run }.Write(beside);
            File.WriteAllText(Path.Combine(beside, "model.safetensors"), "values");
        });
        run.Commit(step);
    }

    private string[] Entries() => [.. Directory.GetFileSystemEntries(Root).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
