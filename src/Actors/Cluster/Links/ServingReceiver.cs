using Actors.Runtime.Peers;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Serving;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Links;

/// <summary>
/// Turns the frames of one link into the messages of serving. Every number is checked before it names a place; steps come from the gateway's
/// process alone, and what was drawn from the process of the rank that drew it.
/// </summary>
/// <param name="host">What lives here.</param>
/// <param name="epoch">The placement's; frames of another are refused.</param>
/// <param name="isGateway">Whether the process at the other end has the gateway.</param>
/// <param name="isThere">Whether a node of the plan lives in the process at the other end.</param>
internal sealed class ServingReceiver(ServingHost host, int epoch, bool isGateway, Func<int, bool> isThere) : IFrameSink
{
    private readonly FrameReceiver _rows = new(host, epoch);
    private readonly Steps?[] _steps = new Steps?[host.Plan.Ranks];
    private readonly StageServed?[] _served = new StageServed?[host.Plan.Ranks];

    /// <inheritdoc/>
    public int Reserve(PeerLink from, in FrameHeader header, Span<PayloadPart> places)
    {
        switch ((FrameKind)header.Kind)
        {
            case FrameKind.ServeStep:
                return StepsOf(header).Batch.Parts(header.A, header.B, places);
            case FrameKind.StageServed:
                places[0] = ServedOf(header).Part(header.A);
                return 1;
            default:
                return _rows.Reserve(from, header, places);
        }
    }

    /// <inheritdoc/>
    public void Arrived(PeerLink from, in FrameHeader header)
    {
        switch ((FrameKind)header.Kind)
        {
            case FrameKind.ServeStep:
                Steps steps = StepsOf(header);
                steps.Batch.Take(header.A, header.B, (header.C & ServingLinks.PrefillBit) != 0, host.Plan.Model.VocabularySize);
                host.Addresses[header.Target].Stage.Tell(steps.Of(header.C), ActorRefs.NoSender);
                break;
            case FrameKind.StageServed:
                StageServed served = ServedOf(header);
                (served.Count, served.FirstNonFinitePart) = (header.A, header.B < 0 ? null : header.B);
                host.Gateway.Tell(served, ActorRefs.NoSender);
                break;
            default:
                _rows.Arrived(from, header);
                break;
        }
    }

    /// <summary>Nothing to do: whoever opened the link hears of its end from its own sink.</summary>
    public void Ended(PeerLink from, string reason)
    {
    }

    private Steps StepsOf(in FrameHeader header)
    {
        CheckEpoch(header);
        if (!isGateway || (uint)header.Target >= (uint)_steps.Length || !host.IsHere(header.Target))
        {
            throw new FrameRefusedException($"a step of serving is for rank {header.Target}, which does not live here, or comes from a process without the gateway");
        }

        if ((uint)header.A > (uint)host.Options.SlotsPerRank || (uint)header.B > (uint)host.Options.MaxLength)
        {
            throw new FrameRefusedException(
                $"a step of serving has {header.A} sequences and {header.B} tokens; there may be {host.Options.SlotsPerRank} and {host.Options.MaxLength}");
        }

        return _steps[header.Target] ??= new Steps(host.Options);
    }

    private StageServed ServedOf(in FrameHeader header)
    {
        CheckEpoch(header);
        if ((uint)header.Target >= (uint)_served.Length || !isThere(host.Plan.NodeOf(header.Target)))
        {
            throw new FrameRefusedException($"tokens of rank {header.Target} come from a process that does not have it");
        }

        if ((uint)header.A > (uint)host.Options.SlotsPerRank)
        {
            throw new FrameRefusedException($"rank {header.Target} has drawn {header.A} tokens; there may be {host.Options.SlotsPerRank}");
        }

        return _served[header.Target] ??= new StageServed(header.Target, host.Options.SlotsPerRank);
    }

    private void CheckEpoch(in FrameHeader header)
    {
        if (header.Epoch != epoch)
        {
            throw new FrameRefusedException($"a frame is of epoch {header.Epoch}, this placement's is {epoch}");
        }
    }

    /// <summary>A rank's copy of its expert rank's batch, and the messages that name it, made once.</summary>
    private sealed class Steps(InferenceOptions options)
    {
        private readonly ServeStep?[] _messages = new ServeStep?[4];

        public SequenceBatch Batch { get; } = new(options.SlotsPerRank, options.MaxLength);

        public ServeStep Of(int bits) => _messages[bits & 3] ??= new ServeStep(
            (bits & ServingLinks.PrefillBit) != 0 ? StepMode.Prefill : StepMode.Decode, Batch, (bits & ServingLinks.ChecksBit) != 0);
    }
}
