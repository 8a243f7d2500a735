using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Fabric.Links;

/// <summary>
/// Memory from which a rank lends rows to others whose devices reach it, one after the other. Marks alone order who writes and who reads it: the borrower's stream
/// goes on behind <see cref="Computed"/>, and the lender's behind the mark with which the rows came back. Messages order hosts: each of the marks is recorded
/// again only after who waits for its place before has enqueued that.
/// </summary>
internal sealed class LentRows : IDisposable
{
    private readonly DeviceBuffer _memory;
    private readonly StreamMark?[] _read;
    private StreamMark? _lastRead;

    /// <summary>Allocates the memory.</summary>
    /// <param name="backend">The lender's device.</param>
    /// <param name="sender">The lender's rank.</param>
    /// <param name="devices">Devices of the run.</param>
    /// <param name="bytes">Of the most rows that are lent.</param>
    public LentRows(IBackend backend, int sender, int devices, long bytes)
    {
        Sender = sender;
        _memory = backend.Allocate(bytes);
        _read = new StreamMark?[devices];
        Computed = backend.CreateMark();
        Returned = new RowsReturned(this);
    }

    /// <summary>The lender's rank.</summary>
    public int Sender { get; }

    /// <summary>In the lender's stream, behind what has computed the rows.</summary>
    public StreamMark Computed { get; }

    /// <summary>Brings the rows back; told by the borrower.</summary>
    public RowsReturned Returned { get; }

    /// <summary>Rows to be computed and lent, once a stream has come behind those who read the ones before.</summary>
    /// <param name="stream">The lender's.</param>
    /// <param name="rows">How many.</param>
    /// <param name="columns">Their columns.</param>
    /// <param name="type">Their type.</param>
    public Frame Begin(IStream stream, int rows, int columns, ElementType type)
    {
        if (_lastRead is { } read)
        {
            stream.Wait(read);
            _lastRead = null;
        }

        return new Frame(new Tensor(_memory, 0, rows, columns, columns, type), Sender, this);
    }

    /// <summary>The borrower has enqueued to read the rows.</summary>
    /// <param name="stream">The borrower's.</param>
    /// <param name="backend">Its device.</param>
    /// <param name="device">The device's number in the run.</param>
    public void Read(IStream stream, IBackend backend, int device)
    {
        // A mark is recorded by streams of its own device alone, so each that ever borrows has one.
        _lastRead = _read[device] ??= backend.CreateMark();
        stream.Record(_lastRead);
    }

    public void Dispose()
    {
        _memory.Dispose();
        Computed.Dispose();
        Array.ForEach(_read, static mark => mark?.Dispose());
    }
}

/// <summary>Stage → stage: rows that were lent have been read, up to a mark of the borrower's stream.</summary>
/// <param name="Lent">The memory.</param>
internal sealed record RowsReturned(LentRows Lent) : INoSerializationVerificationNeeded;
