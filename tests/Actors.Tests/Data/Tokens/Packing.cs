using Actors.Model.Layers;
using Actors.Model.Training;
using Actors.Runtime.Configuration;
using Actors.Runtime.Data.Tokens;
using Actors.Runtime.Placement;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Runtime.Tests.Data.Tokens;

public sealed class Packing : IDisposable
{
    private const int Begin = 300, Hole = 301, Close = 302;

    private readonly TokenFixture _fixture = new();
    private readonly List<TokenFile> _files = [];

    public void Dispose()
    {
        _files.ForEach(file => file.Dispose());
        _fixture.Dispose();
    }

    [Theory]
    [InlineData(0, 7)]
    [InlineData(0, 64)]
    [InlineData(0.5, 16)]
    [InlineData(1, 5)]
    public void Sequences_are_the_documents_one_after_the_other(double rate, int length)
    {
        int[][] documents = TokenFixture.Documents(new Random(3), 1500, 30);
        FillInMiddle? fill = rate == 0 ? null : new FillInMiddle(rate, Begin, Hole, Close, seed: 5);
        var split = new HeldOutDocuments(0.2);
        PackedDocuments packed = Packed(documents, split, fill);
        (int[] row, int[] next) = Row(documents, split, fill);

        Assert.Equal(row.Length, packed.Tokens);
        int[] ids = new int[length], targets = new int[length], positions = new int[length];
        int total = 0;
        for (int sequence = 0; sequence < packed.SequencesOf(length); sequence++)
        {
            packed.Read(sequence, ids, targets);
            int count = Math.Min(length, row.Length - (sequence * length));
            Assert.Equal(row.AsSpan(sequence * length, count), ids.AsSpan(0, count));
            Assert.Equal(next.AsSpan(sequence * length, count), targets.AsSpan(0, count));
            Assert.All(targets[count..], target => Assert.Equal(-1, target));
            long[] expected = new long[3], counted = new long[3];
            PredictionTokens.CountTargets(targets, expected);
            packed.AddTargets(sequence, length, counted);
            Assert.Equal(expected, counted);
            packed.ReadPositions(sequence, positions);
            Assert.Equal(Positions(targets, count), positions);
            total += count;
        }

        Assert.Equal(row.Length, total);
    }

    [Fact]
    public void A_target_never_crosses_documents_and_the_end_token_has_none()
    {
        PackedDocuments packed = Packed([[1, 2], [3], [4, 5, 6]], new HeldOutDocuments(0), null);
        int[] ids = new int[9], targets = new int[9];
        packed.Read(0, ids, targets);

        int end = _fixture.End;
        Assert.Equal([1, 2, end, 3, end, 4, 5, 6, end], ids);
        Assert.Equal([2, end, -1, end, -1, 5, 6, end, -1], targets);
        int[] positions = new int[5];
        packed.ReadPositions(0, positions);
        Assert.Equal([0, 1, 2, 0, 1], positions);
        packed.ReadPositions(1, positions);
        Assert.Equal([0, 1, 2, 3, 0], positions);
    }

    [Fact]
    public void Filling_in_the_middle_moves_it_to_the_end_and_keeps_every_token()
    {
        int[][] documents = [.. Enumerable.Range(0, 4000).Select(i => Enumerable.Range(0, 50).ToArray())];
        PackedDocuments packed = Packed(documents, new HeldOutDocuments(0), new FillInMiddle(0.1, Begin, Hole, Close, seed: 1));
        int[] ids = new int[(int)packed.Tokens], targets = new int[ids.Length];
        packed.Read(0, ids, targets);
        int moved = 0;
        var cuts = new HashSet<int>();
        foreach (int[] document in Split(ids))
        {
            if (document[0] == Begin)
            {
                moved++;
                int hole = Array.IndexOf(document, Hole), close = Array.IndexOf(document, Close);
                int[] prefix = document[1..hole], suffix = document[(hole + 1)..close], middle = document[(close + 1)..];
                Assert.Equal(Enumerable.Range(0, 50), (int[])[.. prefix, .. middle, .. suffix]);
                cuts.Add(prefix.Length);
            }
            else
            {
                Assert.Equal(Enumerable.Range(0, 50), document);
            }
        }

        // 4000 draws at 0.1: within five standard deviations, 19 each.
        Assert.InRange(moved, 305, 495);
        Assert.InRange(cuts.Count, 30, 51);
    }

    [Fact]
    public void Held_out_documents_are_a_share_and_all_others_are_trained_on()
    {
        int[][] documents = [.. Enumerable.Range(0, 5000).Select(i => new[] { i })];
        int vocabulary = 70_000;
        var file = TokenFile.Open(_fixture.Write(documents, ends: false, vocabulary));
        _files.Add(file);
        var split = new HeldOutDocuments(0.1);
        int[] training = All(new PackedDocuments([file], split, areHeldOut: false, null)), heldOut = All(new PackedDocuments([file], split, areHeldOut: true, null));

        Assert.Equal(Enumerable.Range(0, 5000), training.Concat(heldOut).Order());

        // Five standard deviations of 5000 draws at 0.1: 106.
        Assert.InRange(heldOut.Length, 394, 606);
    }

    [Fact]
    public void Files_one_after_the_other_are_as_one()
    {
        int[][] documents = TokenFixture.Documents(new Random(9), 700, 20);
        var split = new HeldOutDocuments(0.1);
        TokenFile[] parts = [TokenFile.Open(_fixture.Write(documents[..300])), TokenFile.Open(_fixture.Write(documents[300..]))];
        _files.AddRange(parts);
        Assert.Equal(All(Packed(documents, split, null)), All(new PackedDocuments(parts, split, areHeldOut: false, null)));
    }

    [Fact]
    public void The_order_of_an_epoch_is_a_permutation_and_another_in_the_next() => Prop.ForAll(
        Gen.Choose(1, 3000).ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (count, key) =>
        {
            var permutation = new KeyedPermutation(count);
            long[] order = [.. Enumerable.Range(0, count).Select(i => permutation.Of(i, (ulong)key))];
            Assert.Equal(Enumerable.Range(0, count).Select(i => (long)i), order.Order());
            if (count > 50)
            {
                Assert.NotEqual(order, Enumerable.Range(0, count).Select(i => permutation.Of(i, (ulong)key + 1)));
                Assert.InRange(order.Where((place, i) => place == i).Count(), 0, 12);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_growing_batch_sees_each_sequence_once_an_epoch()
    {
        PackedDocuments packed = Packed(TokenFixture.Documents(new Random(3), 300, 30), new HeldOutDocuments(0), null);
        TrainingSettings settings = CheckedSettings.Read(LayeredConfiguration.Load(null, [.. ((string[])
        [
            "batch-sequences=6", "sequence-length=16", "gradient-accumulation=3", "batch-ramp.start-sequences=1", "batch-ramp.increment=1", "batch-ramp.tokens=1000",
        ]).Select(text => ConfigurationOverride.Parse($"actors.training.{text}"))])).Training;
        var batches = new TokenBatches(packed, packed, settings, masksDocuments: true);
        BatchSchedule schedule = settings.PlanBatches();
        int sequences = (int)packed.SequencesOf(settings.SequenceLength);
        long[] places = [.. Enumerable.Range(1, sequences)
            .SelectMany(step => Enumerable.Range(0, schedule.SequencesOf(step)).Select(sequence => batches.PlaceOf(step, sequence))).Take(2 * sequences)];

        Assert.Equal((1, 6), (schedule.SequencesOf(1), schedule.SequencesOf(sequences)));
        Assert.Equal(Enumerable.Range(0, sequences).Select(place => (long)place), places[..sequences].Order());
        Assert.Equal(Enumerable.Range(0, sequences).Select(place => (long)place), places[sequences..].Order());
    }

    [Fact]
    public void Reading_a_sequence_allocates_nothing()
    {
        PackedDocuments packed = Packed(TokenFixture.Documents(new Random(3), 600, 30), new HeldOutDocuments(0.1), new FillInMiddle(0.5, Begin, Hole, Close, 1));
        int[] ids = new int[64], targets = new int[64], positions = new int[64];
        long[] counts = new long[2];
        packed.Read(0, ids, targets);
        packed.AddTargets(0, 64, counts);
        packed.ReadPositions(0, positions);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int sequence = 0; sequence < 50; sequence++)
        {
            packed.Read(sequence, ids, targets);
            packed.AddTargets(sequence, 64, counts);
            packed.ReadPositions(sequence, positions);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Positions begin behind each token without a target; what fills the sequence up is one part.</summary>
    private static int[] Positions(int[] targets, int count)
    {
        var positions = new int[targets.Length];
        for (int i = 1; i < positions.Length; i++)
        {
            positions[i] = i == count || (i < count && targets[i - 1] < 0) ? 0 : positions[i - 1] + 1;
        }

        return positions;
    }

    private static int[] All(PackedDocuments packed)
    {
        int[] ids = new int[(int)packed.Tokens];
        packed.Read(0, ids, new int[ids.Length]);
        return ids;
    }

    private PackedDocuments Packed(int[][] documents, HeldOutDocuments split, FillInMiddle? fill)
    {
        _files.Add(TokenFile.Open(_fixture.Write(documents, vocabulary: 500)));
        return new PackedDocuments([_files[^1]], split, areHeldOut: false, fill);
    }

    /// <summary>The packed tokens and their targets, made document by document.</summary>
    private (int[] Row, int[] Next) Row(int[][] documents, HeldOutDocuments split, FillInMiddle? fill)
    {
        var row = new List<int>();
        var next = new List<int>();
        for (int i = 0; i < documents.Length; i++)
        {
            if (!split.Has(i))
            {
                int[] document = [.. documents[i], _fixture.End];
                if (fill?.Takes(i, documents[i].Length) == true)
                {
                    using TokenFile one = TokenFile.Open(_fixture.Write([documents[i]], vocabulary: 500));
                    document = new int[document.Length + FillInMiddle.Added];
                    fill.Read(one, 0, i, documents[i].Length, 0, document);
                }

                row.AddRange(document);
                next.AddRange([.. document[1..], -1]);
            }
        }

        return ([.. row], [.. next]);
    }

    private IEnumerable<int[]> Split(int[] ids)
    {
        for (int start = 0; start < ids.Length;)
        {
            int end = Array.IndexOf(ids, _fixture.End, start);
            yield return ids[start..end];
            start = end + 1;
        }
    }
}
