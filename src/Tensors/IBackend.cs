namespace Actors.Tensors;

/// <summary>
/// A device that computes. Work is enqueued on an <see cref="IStream"/>; nothing in this contract waits for a device,
/// so an actor never blocks a thread. Implementations may be used from several threads at once, a stream from one at a time.
/// </summary>
public interface IBackend : IDisposable
{
    /// <summary>Name of backend and device for messages, such as <c>cpu (AVX-512)</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Whether an operation has run when the call that enqueues it returns. Then what one stream has done with can be lent to
    /// another at once.
    /// </summary>
    bool RunsAtOnce { get; }

    /// <summary>How layers' rows are stored.</summary>
    Precision Precision { get; }

    /// <summary>Bytes that the device has left for <see cref="Allocate"/>; null: they are the host's.</summary>
    long? FreeBytes { get; }

    /// <summary>The device itself, where this only counts what is allocated on it.</summary>
    IBackend Device => this;

    /// <summary>Bytes of the device's memory; 0: it is the host's.</summary>
    long TotalBytes => 0;

    /// <summary>The same device for who allocates memory of a kind: where a run counts its memory (<see cref="MemoryTally"/>), it is counted as that.</summary>
    /// <param name="kind">The kind.</param>
    IBackend For(MemoryKind kind) => this;

    /// <summary>Allocates memory on the device, aligned to 64 bytes or more; its contents are undefined.</summary>
    /// <param name="bytes">Length in bytes, 0 or more.</param>
    /// <exception cref="OutOfMemoryException">The device has not that much left; the message names device and bytes.</exception>
    DeviceBuffer Allocate(long bytes);

    /// <summary>
    /// Allocates memory that the host reads and writes and that the device's operations take too, aligned to 64 bytes or more: the
    /// device's own where that is the host's, else pinned memory, to which a result is written once. For the few results that the host
    /// needs in a step. Its contents are undefined.
    /// </summary>
    /// <param name="bytes">Length in bytes, 0 or more.</param>
    /// <exception cref="OutOfMemoryException">The host has not that much left; the message names device and bytes.</exception>
    DeviceBuffer AllocateHost(long bytes);

    /// <summary>
    /// Makes memory of the host that somebody else owns, such as what two processes map, memory like that of <see cref="AllocateHost"/>, at the same addresses.
    /// Disposing the result lets go of the memory, which stays as it is: when no operation uses it any more, and before its owner frees it.
    /// </summary>
    /// <param name="memory">Memory that the host reads and writes.</param>
    /// <exception cref="IOException">The device cannot reach it; the message names device, bytes and what stands in the way.</exception>
    DeviceBuffer ImportHost(DeviceBuffer memory);

    /// <summary>Allocates the matrices of a linear layer; <see cref="Weight.Values"/> are zero.</summary>
    /// <param name="groups">Number of matrices.</param>
    /// <param name="outputs">Rows of each.</param>
    /// <param name="inputs">Columns of each.</param>
    Weight CreateWeight(int groups, int outputs, int inputs);

    /// <summary>
    /// The same for a layer whose products take codes made of the values: what else the device derives from them, such as a rounded copy, it makes only when an
    /// operation asks for it.
    /// </summary>
    /// <inheritdoc cref="CreateWeight"/>
    Weight CreateMaster(int groups, int outputs, int inputs) => CreateWeight(groups, outputs, inputs);

    /// <summary>Bytes that <see cref="CreateWeight"/> takes, with what the device derives from the values.</summary>
    /// <param name="groups">Number of matrices.</param>
    /// <param name="outputs">Rows of each.</param>
    /// <param name="inputs">Columns of each.</param>
    /// <param name="trains">Whether backward products follow, not forward ones alone.</param>
    long WeightBytes(int groups, int outputs, int inputs, bool trains);

    /// <summary>Bytes that a stream that computes takes of the device beside the tensors of its operations, at most; 0: none.</summary>
    long StreamBytes => 0;

    /// <summary>
    /// Whether operations are enqueued for later and marks order streams on the device, so that who goes on behind a mark needs no message that it was
    /// reached: work is done, for its stream and for those that wait for its marks, when it is enqueued. False where operations run at once.
    /// </summary>
    bool OrdersStreams { get; }

    /// <summary>Makes a mark that lies nowhere yet.</summary>
    /// <param name="isTimed">Whether it has a time, which costs a device something; else it orders alone.</param>
    StreamMark CreateMark(bool isTimed = false);

    /// <summary>Makes the flags of a group of ranks, each of which has a device of its own where devices wait; see <see cref="ExchangeFlags"/>.</summary>
    /// <param name="devices">The device of each rank, of this backend's kind; each reaches the memory of all.</param>
    /// <param name="tokens">Most tokens of a rank in an exchange, 1 or more.</param>
    /// <param name="limit">Longest wait for a rank.</param>
    /// <exception cref="ArgumentException">Two ranks have one device, on which one's wait may keep the other from running.</exception>
    ExchangeFlags CreateFlags(IReadOnlyList<IBackend> devices, int tokens, TimeSpan limit);

    /// <summary>Makes a queue of operations that run in the order in which they are enqueued.</summary>
    /// <param name="name">Name for messages and traces, such as <c>rank 3 compute</c>.</param>
    /// <param name="isUrgent">Whether its work goes first where the device has not room for all that could run: what others wait for.</param>
    IStream CreateStream(string name, bool isUrgent = false);
}
