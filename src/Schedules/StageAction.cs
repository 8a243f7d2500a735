using System.Diagnostics.CodeAnalysis;

namespace Actors.Schedules;

/// <summary>
/// One entry of a rank's list: forward, backward for input, backward for weights, full backward, a forward overlapped with a full
/// backward of another chunk, or a send or receive between ranks. Its text is the form of PyTorch's <c>torch.distributed.pipelining</c>:
/// <c>&lt;stage&gt;F&lt;micro-batch&gt;</c>, likewise <c>I</c>, <c>W</c>, <c>B</c>, <c>SEND_F</c>, <c>RECV_F</c>, <c>SEND_B</c> and
/// <c>RECV_B</c> (the stage is that of the rank which sends or receives), and <c>(0F3;3B1)OVERLAP_F_B</c> for a pair.
/// 20 bytes, compared by value; formatting and parsing into spans allocate nothing.
/// </summary>
public readonly record struct StageAction : ISpanFormattable
{
    /// <summary>Characters that the longest text of an action can have: four 10-digit numbers and the pair's own 16 characters.</summary>
    public const int MaxTextLength = 56;

    private readonly int _backwardStage;
    private readonly int _backwardMicroBatch;

    private StageAction(ActionKind kind, int stage, int microBatch, int backwardStage = 0, int backwardMicroBatch = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stage);
        ArgumentOutOfRangeException.ThrowIfNegative(microBatch);
        Kind = kind;
        Stage = stage;
        MicroBatch = microBatch;
        _backwardStage = backwardStage;
        _backwardMicroBatch = backwardMicroBatch;
    }

    /// <summary>What is done. A default value is <c>0F0</c>.</summary>
    public ActionKind Kind { get; }

    /// <summary>The stage, from 0; of a pair, the forward's.</summary>
    public int Stage { get; }

    /// <summary>The micro-batch, from 0 and across directions; of a pair, the forward's.</summary>
    public int MicroBatch { get; }

    /// <summary>Whether this is an overlapped forward and backward; only then it has parts.</summary>
    public bool IsPair => Kind == ActionKind.Pair;

    /// <summary>Whether this is a send or a receive, not a computation.</summary>
    public bool IsCommunication => Kind >= ActionKind.SendForward;

    /// <summary>The forward of a pair.</summary>
    /// <exception cref="InvalidOperationException">This action is not a pair.</exception>
    public StageAction ForwardPart => IsPair ? Forward(Stage, MicroBatch) : throw NotAPair();

    /// <summary>The full backward of a pair.</summary>
    /// <exception cref="InvalidOperationException">This action is not a pair.</exception>
    public StageAction BackwardPart => IsPair ? Backward(_backwardStage, _backwardMicroBatch) : throw NotAPair();

    /// <summary>The forward of a micro-batch at a stage, <c>F</c>.</summary>
    public static StageAction Forward(int stage, int microBatch) => new(ActionKind.Forward, stage, microBatch);

    /// <summary>The backward for the input of a micro-batch at a stage, <c>I</c>.</summary>
    public static StageAction BackwardInput(int stage, int microBatch) => new(ActionKind.BackwardInput, stage, microBatch);

    /// <summary>The backward for the weights of a micro-batch at a stage, <c>W</c>.</summary>
    public static StageAction BackwardWeights(int stage, int microBatch) => new(ActionKind.BackwardWeights, stage, microBatch);

    /// <summary>The full backward of a micro-batch at a stage, <c>B</c>.</summary>
    public static StageAction Backward(int stage, int microBatch) => new(ActionKind.Backward, stage, microBatch);

    /// <summary>A forward overlapped with the full backward of another chunk, <c>OVERLAP_F_B</c>.</summary>
    public static StageAction Pair(int forwardStage, int forwardMicroBatch, int backwardStage, int backwardMicroBatch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(backwardStage);
        ArgumentOutOfRangeException.ThrowIfNegative(backwardMicroBatch);
        return new StageAction(ActionKind.Pair, forwardStage, forwardMicroBatch, backwardStage, backwardMicroBatch);
    }

    /// <summary>A stage's output leaves for the next stage's rank, <c>SEND_F</c>.</summary>
    public static StageAction SendForward(int stage, int microBatch) => new(ActionKind.SendForward, stage, microBatch);

    /// <summary>A stage's input arrives from the rank of the stage before, <c>RECV_F</c>.</summary>
    public static StageAction ReceiveForward(int stage, int microBatch) => new(ActionKind.ReceiveForward, stage, microBatch);

    /// <summary>The gradient of a stage's input leaves for the rank of the stage before, <c>SEND_B</c>.</summary>
    public static StageAction SendBackward(int stage, int microBatch) => new(ActionKind.SendBackward, stage, microBatch);

    /// <summary>The gradient of a stage's output arrives from the next stage's rank, <c>RECV_B</c>.</summary>
    public static StageAction ReceiveBackward(int stage, int microBatch) => new(ActionKind.ReceiveBackward, stage, microBatch);

    /// <summary>Reads an action from its text; white space around it and around a pair's parts is skipped.</summary>
    /// <param name="text">Such as <c>2F0</c> or <c>(0F3;3B1)OVERLAP_F_B</c>.</param>
    /// <param name="action">The action, when the answer is true.</param>
    /// <param name="error">One line that quotes the text and says what was expected, when the answer is false.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out StageAction action, [NotNullWhen(false)] out string? error)
        => StageActionText.TryParse(text, out action, out error);

    /// <summary>Reads an action from its text.</summary>
    /// <exception cref="FormatException">The text is not an action; the message quotes it and says what was expected.</exception>
    public static StageAction Parse(ReadOnlySpan<char> text)
        => TryParse(text, out var action, out var error) ? action : throw new FormatException(error);

    /// <summary>Writes the action's text, at most <see cref="MaxTextLength"/> characters, without allocating.</summary>
    public bool TryFormat(
        Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null)
        => StageActionText.TryFormat(this, destination, out charsWritten);

    /// <summary>The action's text, in PyTorch's form.</summary>
    public override string ToString()
    {
        Span<char> text = stackalloc char[MaxTextLength];
        StageActionText.TryFormat(this, text, out var length);
        return new string(text[..length]);
    }

    /// <summary>The action's text; there is one form only, so format and provider are ignored.</summary>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    internal static StageAction Single(ActionKind kind, int stage, int microBatch)
        => kind != ActionKind.Pair
            ? new StageAction(kind, stage, microBatch)
            : throw new ArgumentOutOfRangeException(nameof(kind), kind, "A pair names two chunks.");

    private static InvalidOperationException NotAPair() => new("Only an overlapped pair has a forward and a backward part.");
}
