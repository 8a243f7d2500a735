using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;

namespace Actors.Runtime.Fabric.Links;

/// <summary>What a ring's writer says about a slot beside its rows.</summary>
internal struct SlotHeader
{
    /// <summary>The exchange that the rows belong to.</summary>
    public int Exchange;

    /// <summary>Its phase.</summary>
    public ExchangePhase Phase;

    /// <summary>Place of the slot's first row in the sequence of rows between this writer and this ring.</summary>
    public int FirstRow;

    /// <summary>Rows in the slot, 0 or more.</summary>
    public int Rows;

    /// <summary>When the last of the ranks whose rows these are began to send, in ticks of the run's clock.</summary>
    public long LastStart;

    /// <summary>Whether no further row of this exchange and phase follows.</summary>
    public bool Last;
}

/// <summary>
/// A fixed number of slots at the receiver of a slow hop, written by one sender. A slot belongs to the writer while it has the
/// credit for it, and to the owner from <see cref="ChunkArrived"/> to <see cref="SlotReleased"/>.
/// </summary>
internal sealed class Ring
{
    private readonly Tensor[] _tokens, _gradients;
    private readonly HostTensor[] _experts;
    private readonly HostTensor[] _weights;
    private readonly SlotHeader[] _headers;
    private readonly ChunkArrived[] _arrived;
    private readonly SlotReleased[] _released;

    /// <summary>Lays the slots out in <paramref name="arena"/>.</summary>
    public Ring(Arena arena, GroupShape shape, FabricSettings settings, RingKind kind, int writerNode, int ownerNode)
    {
        int slots = settings.SlotsPerRing;
        (_tokens, _gradients) = (new Tensor[slots], new Tensor[slots]);
        _experts = new HostTensor[slots];
        _weights = new HostTensor[slots];
        _headers = new SlotHeader[slots];
        _arrived = new ChunkArrived[slots];
        _released = new SlotReleased[slots];
        for (int slot = 0; slot < slots; slot++)
        {
            Tensor memory = arena.Take(settings.ChunkRows, RowBytes(shape, kind), ElementType.E4M3);
            _tokens[slot] = FormOf(shape, kind, ExchangePhase.Forward).In(memory);
            _gradients[slot] = FormOf(shape, kind, ExchangePhase.Backward).In(memory);
            _experts[slot] = arena.TakeHost(settings.ChunkRows, shape.Choices, ElementType.Int32);
            _weights[slot] = arena.TakeHost(settings.ChunkRows, shape.Choices);
            _arrived[slot] = new ChunkArrived(kind, writerNode, slot);
            _released[slot] = new SlotReleased(kind, ownerNode, slot);
        }
    }

    /// <summary>Bytes of a ring's rows.</summary>
    public static long PlanBytes(GroupShape shape, FabricSettings settings, RingKind kind) =>
        settings.SlotsPerRing * Arena.Plan(settings.ChunkRows, RowBytes(shape, kind), ElementType.E4M3);

    /// <summary>Bytes of a ring's choices and weights, which the host reads.</summary>
    public static long PlanHostBytes(GroupShape shape, FabricSettings settings) => settings.SlotsPerRing
        * (Arena.Plan(settings.ChunkRows, shape.Choices, ElementType.Int32) + Arena.Plan(settings.ChunkRows, shape.Choices));

    /// <summary>Number of slots.</summary>
    public int Slots => _headers.Length;

    /// <summary>Rows of a slot (ChunkRows, as many as the phase's rows have), of what the slot's header names.</summary>
    public Tensor Rows(int slot, ExchangePhase phase) => (phase == ExchangePhase.Forward ? _tokens : _gradients)[slot];

    /// <summary>Choices that travel with the rows, Int32 (ChunkRows, Choices); dispatch in the forward only.</summary>
    public Span<int> Experts(int slot) => _experts[slot].AsSpan<int>();

    /// <summary>Weights (dispatch, forward) or their gradients (combine, backward), (ChunkRows, Choices).</summary>
    public Span<float> Weights(int slot) => _weights[slot].AsSpan<float>();

    /// <summary>The choices as they lie, Int32 (ChunkRows, Choices).</summary>
    public Tensor ExpertRows(int slot) => _experts[slot];

    /// <summary>The weights as they lie (ChunkRows, Choices).</summary>
    public Tensor WeightRows(int slot) => _weights[slot];

    /// <summary>The header of a slot.</summary>
    public ref SlotHeader Header(int slot) => ref _headers[slot];

    /// <summary>The message that announces a slot.</summary>
    public ChunkArrived Arrived(int slot) => _arrived[slot];

    /// <summary>The message that gives a slot back.</summary>
    public SlotReleased Released(int slot) => _released[slot];

    private static RowForm FormOf(GroupShape shape, RingKind kind, ExchangePhase phase) => kind == RingKind.Dispatch ? shape.Sent(phase) : shape.Returned;

    private static int RowBytes(GroupShape shape, RingKind kind) => kind == RingKind.Dispatch ? shape.MostSentBytes : shape.RowBytes;
}
