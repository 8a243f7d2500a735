using System.Runtime.InteropServices;
using Actors.Runtime.Fabric.Channels;
using Actors.Runtime.Pipeline;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Training.Results;

/// <summary>Answers for a rank's stage who reads what the rank keeps between steps.</summary>
internal sealed class ResultReader(TrainingResources rank, IActorRef self)
{
    public void Read(ReadResult read, IActorRef asker)
    {
        switch (read)
        {
            case ReadLogits logits:
                Send(logits, rank.Tokens.KeptLogits(logits.Depth, logits.MicroBatch), asker);
                break;
            case ReadExperts experts:
                Send(experts, rank.Tokens.KeptExperts(experts.Layer, experts.MicroBatch), asker);
                break;
            case ReadGradient gradient:
                Send(gradient, rank.Optimizer.Blocks.FirstOrDefault(owned => owned.Number == gradient.Block)?.Reduced ?? default, asker);
                break;
            case ReadTrace trace:
                asker.Tell(EventsFrom(trace.First), self);
                break;
            case ReadTraffic:
                asker.Tell(Traffic(), self);
                break;
            default:
                asker.Tell(new ResultRefused($"rank {rank.Rank} knows no {read.GetType().Name}"), self);
                break;
        }
    }

    private void Send(ReadElements read, Tensor all, IActorRef asker)
    {
        if (all.IsAbsent || read.First < 0 || read.Count is < 0 or > ReadElements.MostElements || read.First + read.Count > all.Count)
        {
            asker.Tell(new ResultRefused($"{read}: {(all.IsAbsent ? "the rank has kept none" : $"of {all.Count} elements, at most {ReadElements.MostElements} at once")}"), self);
            return;
        }

        byte[] bytes = new byte[read.Count * all.Type.SizeInBytes()];
        rank.Stream.Download(new Tensor(all.Buffer, all.Offset + read.First, 1, read.Count, read.Count, all.Type), bytes);
        rank.Stream.Notify(new Answer(self, asker, new ElementsRead(ImmutableCollectionsMarshal.AsImmutableArray(bytes))));
    }

    private EventsRead EventsFrom(int first)
    {
        if (rank.Trace is not { } trace)
        {
            return new EventsRead([], 0, 0);
        }

        int count = Math.Clamp(trace.Count - first, 0, ReadTrace.MostEvents);
        return new EventsRead([.. trace.Events.Slice(count == 0 ? 0 : first, count)], trace.Count, trace.Dropped);
    }

    private RankTraffic Traffic()
    {
        RowTraffic slow = default, fast = default;
        foreach (TrafficCounters channel in rank.Traffic)
        {
            slow += new RowTraffic(channel.SlowRows, channel.SlowBytes, channel.SlowMessages);
            fast += new RowTraffic(channel.FastRows, channel.FastBytes, channel.Messages - channel.SlowMessages);
        }

        return new RankTraffic(slow, fast, new RowTraffic(rank.Frames.RowsSent, rank.Frames.BytesSent, rank.Frames.FramesSent));
    }

    /// <summary>Sends what the stream has brought to the host; a stream that failed ends the stage as in a step.</summary>
    private sealed class Answer(IActorRef self, IActorRef asker, ElementsRead read) : IStreamCompletion
    {
        public void Completed(Exception? failure)
        {
            if (failure is null)
            {
                asker.Tell(read, self);
            }
            else
            {
                self.Tell(new ComputeFailed(failure.Message), self);
            }
        }
    }
}
