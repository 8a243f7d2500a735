using System.Buffers;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Fabric.Links;

/// <summary>Sums of whole tensors over a link, and its completions as messages.</summary>
internal static class WholeTensors
{
    /// <summary>destination = the sum of tensors of its shape, in order; of none there is nothing to do.</summary>
    public static void SumWhole(this ITensorLink link, ReadOnlySpan<Tensor> parts, Tensor destination)
    {
        if (parts.IsEmpty || destination.Count == 0)
        {
            return;
        }

        // Each tensor is one row: row 0 of every part.
        Tensor[] flat = ArrayPool<Tensor>.Shared.Rent(parts.Length);
        int[] rows = ArrayPool<int>.Shared.Rent(parts.Length);
        for (int part = 0; part < parts.Length; part++)
        {
            (flat[part], rows[part]) = (Flat(parts[part]), 0);
        }

        link.Sum(flat.AsSpan(0, parts.Length), rows.AsSpan(0, parts.Length), Flat(destination));
        ArrayPool<Tensor>.Shared.Return(flat, clearArray: true);
        ArrayPool<int>.Shared.Return(rows);
    }

    /// <summary>Tells an actor when everything enqueued before has run; a failure as <see cref="LinkFailed"/>.</summary>
    public static void NotifyBy(this ITensorLink link, IActorRef receiver, object message) => link.Notify(new Completion(receiver, message));

    private static Tensor Flat(Tensor tensor) => tensor.Reshape(1, checked((int)tensor.Count));

    private sealed class Completion(IActorRef receiver, object message) : IStreamCompletion
    {
        public void Completed(Exception? failure) => receiver.Tell(failure is null ? message : new LinkFailed(failure.Message), receiver);
    }
}
