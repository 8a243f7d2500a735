using Actors.Cpu;
using Actors.Runtime.Cluster;
using Actors.Runtime.Cluster.Links;
using Actors.Runtime.Peers;
using Actors.Runtime.Serving;
using Actors.Runtime.Tests.Serving;

namespace Actors.Runtime.Tests.Cluster.Links;

/// <summary>Frames of serving name places by numbers: what names none is refused before anything is written.</summary>
public sealed class ServingFrames : IDisposable
{
    private const int Epoch = 3, Slots = 2;
    private readonly ServingFixture _one = new(pipelineRanks: 2, expertRanks: 2, slotsPerRank: Slots, separates: true);
    private readonly ServingHost _host;
    private readonly ServingReceiver _fromGateway;
    private readonly ServingReceiver _fromOther;

    /// <summary>Nodes 2 and 3, and with them the ranks of the last stage, live here; 0 and 1 beside the gateway.</summary>
    public ServingFrames()
    {
        _host = new ServingHost(
            _one.Plan, _one.Memory.Options, new RunDevices(_one.Backend, () => new HostLink()), TimeProvider.System, share: new HostShare([2, 3]));
        _fromGateway = new ServingReceiver(_host, Epoch, isGateway: true, node => node < 2);
        _fromOther = new ServingReceiver(_host, Epoch, isGateway: false, node => node < 2);
    }

    public void Dispose()
    {
        _host.Dispose();
        _one.Dispose();
    }

    [Theory]
    [InlineData(Epoch + 1, 2, 1, 3, "epoch 4")]
    [InlineData(Epoch, 1, 1, 3, "for rank 1, which does not live here")]
    [InlineData(Epoch, -1, 1, 3, "for rank -1")]
    [InlineData(Epoch, 4, 1, 3, "for rank 4")]
    [InlineData(Epoch, 2, Slots + 1, 3, "3 sequences and 3 tokens; there may be 2 and 24")]
    [InlineData(Epoch, 2, -1, 3, "-1 sequences")]
    [InlineData(Epoch, 2, 1, ServingFixture.MaxLength + 1, "25 tokens")]
    [InlineData(Epoch, 2, 1, -1, "-1 tokens")]
    public void A_step_that_names_no_place_is_refused(int epoch, int rank, int sequences, int tokens, string reason) =>
        AssertRefused(_fromGateway, new FrameHeader { Kind = (int)FrameKind.ServeStep, Epoch = epoch, Target = rank, A = sequences, B = tokens }, reason);

    [Fact]
    public void A_step_from_a_process_without_the_gateway_is_refused() => AssertRefused(
        _fromOther, new FrameHeader { Kind = (int)FrameKind.ServeStep, Epoch = Epoch, Target = 2, A = 1, B = 1 }, "a process without the gateway");

    [Theory]
    [InlineData(Epoch - 1, 0, 1, "epoch 2")]
    [InlineData(Epoch, 2, 1, "a process that does not have it")]
    [InlineData(Epoch, 4, 1, "a process that does not have it")]
    [InlineData(Epoch, 0, Slots + 1, "has drawn 3 tokens; there may be 2")]
    [InlineData(Epoch, 0, -1, "has drawn -1 tokens")]
    public void Tokens_that_name_no_place_are_refused(int epoch, int rank, int tokens, string reason) =>
        AssertRefused(_fromGateway, new FrameHeader { Kind = (int)FrameKind.StageServed, Epoch = epoch, Target = rank, A = tokens }, reason);

    [Theory]
    [InlineData(Slots, 2, 1.0, 1, 2, "in cache slot 2")]
    [InlineData(0, 0, 1.0, 1, 2, "a sequence of 0 tokens")]
    [InlineData(0, ServingFixture.MaxLength + 1, 1.0, 1, 2, "a sequence of 25 tokens")]
    [InlineData(0, 2, double.NaN, 1, 2, "drawn with")]
    [InlineData(0, 2, 1.0, 64, 2, "token 64; the vocabulary is 0..63")]
    [InlineData(0, 2, 1.0, -1, 2, "token -1")]
    [InlineData(0, 1, 1.0, 1, 2, "has 2 tokens, and its 1 sequences have 1")]
    public void A_batch_with_impossible_numbers_is_refused(int slot, int length, double temperature, int token, int tokens, string reason)
    {
        var batch = new SequenceBatch(Slots, ServingFixture.MaxLength);
        batch.Add(new Sampling(temperature, 1, 7), slot, [1, token], length);
        Assert.Contains(reason, Assert.Throws<FrameRefusedException>(() => batch.Take(1, tokens, isPrefill: true, vocabulary: 64)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_link_copies_is_the_batch()
    {
        var sent = new SequenceBatch(Slots, ServingFixture.MaxLength);
        sent.Add(new Sampling(0.5, 0.9, 7), 1, [5, 6, 7], 3);
        sent.Add(new Sampling(0, 1, 8), 0, [9], 1);
        var taken = new SequenceBatch(Slots, ServingFixture.MaxLength);
        Copy(sent, taken);

        taken.Take(2, 4, isPrefill: true, vocabulary: 64);

        Assert.Equal([5, 6, 7, 9], taken.Ids);
        Assert.Equal([1, 0], taken.Slots);
        Assert.Equal([3, 1], taken.Lengths);
        Assert.Equal([2, 0], taken.Positions);
        Assert.Equal(new Sampling(0.5, 0.9, 7), taken.Entries[0].Sampling);
    }

    private static unsafe void Copy(SequenceBatch from, SequenceBatch to)
    {
        Span<PayloadPart> read = stackalloc PayloadPart[PayloadPart.Most], written = stackalloc PayloadPart[PayloadPart.Most];
        int parts = from.Parts(from.Count, from.Tokens, read);
        to.Parts(from.Count, from.Tokens, written);
        for (int i = 0; i < parts; i++)
        {
            Buffer.MemoryCopy((void*)read[i].Pointer, (void*)written[i].Pointer, written[i].Bytes, read[i].Bytes);
        }
    }

    private static void AssertRefused(ServingReceiver receiver, FrameHeader header, string reason)
    {
        var places = new PayloadPart[PayloadPart.Most];
        Assert.Contains(reason, Assert.Throws<FrameRefusedException>(() => receiver.Reserve(null!, header, places)).Message, StringComparison.Ordinal);
        Assert.Contains(reason, Assert.Throws<FrameRefusedException>(() => receiver.Arrived(null!, header)).Message, StringComparison.Ordinal);
    }
}
