using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Pipeline;

/// <summary>
/// How far a stage is ahead of its stream on a device that orders streams: components are done for the stage when they are enqueued, and now and then one is
/// asked to say when it was reached. A device's queue is bounded, and who enqueues into a full one waits in its thread.
/// </summary>
internal sealed class StreamLead
{
    private const int Stride = 8, MostStrides = 4;
    private readonly IStream _stream;
    private readonly TellSelf _reached;
    private int _components;
    private int _strides;

    /// <summary>Makes the lead of a stage.</summary>
    /// <param name="stream">The stage's.</param>
    /// <param name="self">Told <see cref="StrideReached"/>.</param>
    public StreamLead(IStream stream, IActorRef self) => (_stream, _reached) = (stream, new TellSelf(self, StrideReached.Instance));

    /// <summary>Whether no more may be enqueued until the device has come closer.</summary>
    public bool IsFull => _strides == MostStrides;

    /// <summary>A component was enqueued.</summary>
    /// <param name="isRecorded">Whether it was recorded alone, and so is not ahead.</param>
    public void Enqueued(bool isRecorded)
    {
        if (!isRecorded && ++_components == Stride)
        {
            _components = 0;
            _strides++;
            _stream.Notify(_reached);
        }
    }

    /// <summary>The device has come to the end of a stride.</summary>
    public void Reached() => _strides--;

    /// <summary>The device has come to the end of a stride of components.</summary>
    internal sealed record StrideReached : INoSerializationVerificationNeeded
    {
        public static StrideReached Instance { get; } = new();
    }
}
