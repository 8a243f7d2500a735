using Actors.Runtime.Data;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Runtime.Tests.Data;

public sealed class WindowTests : IDisposable
{
    private const int Length = 16;

    private readonly TemporaryFolder _folder = new();
    private readonly ByteCorpus _corpus;

    public WindowTests()
    {
        // Training bytes are below 128, held-out ones above: a leak shows in the value.
        byte[] bytes = new byte[1000];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)(i < 900 ? i % 127 : 128 + (i % 127));
        }

        _corpus = ByteCorpus.Of("bytes", [bytes], 0.1);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_window_depends_on_seed_step_and_sequence_only()
    {
        Prop.ForAll<long, PositiveInt, byte>((seed, step, sequence) =>
        {
            var used = new WindowSampler(TokenRun.Of(_corpus.Training), Length, seed);
            for (int earlier = 0; earlier < 5; earlier++)
            {
                Draw(used, earlier, earlier);
            }

            return Draw(used, step.Get, sequence).SequenceEqual(Draw(new WindowSampler(TokenRun.Of(_corpus.Training), Length, seed), step.Get, sequence));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Held_out_text_is_never_drawn()
    {
        Prop.ForAll<long, NonNegativeInt, byte>((seed, step, sequence) =>
            Draw(new WindowSampler(TokenRun.Of(_corpus.Training), Length, seed), step.Get, sequence).All(token => token < 128)).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Targets_are_the_text_one_token_on()
    {
        Prop.ForAll<long, NonNegativeInt>((seed, step) =>
        {
            int[] window = Draw(new WindowSampler(TokenRun.Of(_corpus.Training), Length, seed), step.Get, 0);
            int start = new WindowSampler(TokenRun.Of(_corpus.Training), Length, seed).StartOf(step.Get, 0);
            ReadOnlySpan<byte> text = _corpus.Training.Span.Slice(start, Length + 1);
            for (int i = 0; i < Length; i++)
            {
                if (window[i] != text[i] || window[Length + i] != text[i + 1])
                {
                    return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Every_start_is_drawn_about_equally_often()
    {
        var sampler = new WindowSampler(TokenRun.Of(_corpus.Training), Length, seed: 1);
        int[] counts = new int[_corpus.Training.Length - Length];
        const int PerStart = 100;
        for (int draw = 0; draw < counts.Length * PerStart; draw++)
        {
            counts[sampler.StartOf(draw / 8, draw % 8)]++;
        }

        // Counts scatter by √100 = 10; six of these from the mean is expected in none of 884 places.
        Assert.InRange(counts.Min(), PerStart - 60, PerStart);
        Assert.InRange(counts.Max(), PerStart, PerStart + 60);
    }

    [Fact]
    public void Different_seeds_steps_and_sequences_draw_different_windows()
    {
        var sampler = new WindowSampler(TokenRun.Of(_corpus.Training), Length, seed: 1);
        int[] bySeed = [.. Enumerable.Range(0, 50).Select(seed => new WindowSampler(TokenRun.Of(_corpus.Training), Length, seed).StartOf(0, 0))];
        int[] byStep = [.. Enumerable.Range(0, 50).Select(step => sampler.StartOf(step, 0))];
        int[] bySequence = [.. Enumerable.Range(0, 50).Select(sequence => sampler.StartOf(0, sequence))];

        // Fifty draws of 884 places collide about once or twice.
        Assert.All([bySeed, byStep, bySequence], starts => Assert.InRange(starts.Distinct().Count(), 40, 50));
    }

    [Fact]
    public void The_first_windows_stay_what_they_were()
    {
        var sampler = new WindowSampler(TokenRun.Of(_corpus.Training), Length, seed: 42);

        // A checkpoint of an earlier build must go on with the same batches.
        Assert.Equal(new[] { 523, 23, 789, 370 }, Enumerable.Range(0, 4).Select(sequence => sampler.StartOf(7, sequence)));
    }

    [Fact]
    public void The_last_possible_window_ends_with_the_training_part()
    {
        ByteCorpus corpus = ByteCorpus.Load([_folder.Write("17.txt", "abcdefghijklmnopq")], 0);

        int[] window = Draw(new WindowSampler(TokenRun.Of(corpus.Training), Length, seed: 3), 0, 0);

        Assert.Equal('a', window[0]);
        Assert.Equal('q', window[^1]);
    }

    [Fact]
    public void The_held_out_part_is_read_in_order_once()
    {
        var windows = new HeldOutWindows(TokenRun.Of(_corpus.HeldOut), Length);
        var targets = new List<int>();
        int[] inputs = new int[Length], next = new int[Length];
        for (int i = 0; i < windows.Count; i++)
        {
            windows.Read(i, inputs, next);
            Assert.Equal(_corpus.HeldOut.Span[i * Length], inputs[0]);
            targets.AddRange(next);
        }

        Assert.Equal(6, windows.Count);
        Assert.Equal(_corpus.HeldOut[1..(1 + (6 * Length))].ToArray().Select(b => (int)b), targets);
    }

    [Fact]
    public void Drawing_allocates_nothing()
    {
        var sampler = new WindowSampler(TokenRun.Of(_corpus.Training), Length, seed: 1);
        int[] inputs = new int[Length], targets = new int[Length];
        sampler.Draw(0, 0, inputs, targets);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 0; step < 1000; step++)
        {
            sampler.Draw(step, 0, inputs, targets);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static int[] Draw(WindowSampler sampler, long step, int sequence)
    {
        int[] window = new int[2 * Length];
        sampler.Draw(step, sequence, window.AsSpan(0, Length), window.AsSpan(Length));
        return window;
    }
}
