using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Actors.Schedules;

/// <summary>An action's text, both ways. Source: <c>_Action</c> in <c>torch.distributed.pipelining</c>, PyTorch 2.11.</summary>
internal static class StageActionText
{
    private const string PairSuffix = ")OVERLAP_F_B";
    private const int QuotedLength = 40;

    public static bool TryFormat(in StageAction action, Span<char> destination, out int written)
    {
        written = 0;
        if (!action.IsPair)
        {
            return TryAppendSingle(action.Stage, CodeOf(action.Kind), action.MicroBatch, destination, ref written);
        }

        var backward = action.BackwardPart;
        return TryAppend('(', destination, ref written)
            && TryAppendSingle(action.Stage, CodeOf(ActionKind.Forward), action.MicroBatch, destination, ref written)
            && TryAppend(';', destination, ref written)
            && TryAppendSingle(backward.Stage, CodeOf(ActionKind.Backward), backward.MicroBatch, destination, ref written)
            && TryAppend(PairSuffix, destination, ref written);
    }

    public static bool TryParse(ReadOnlySpan<char> text, out StageAction action, [NotNullWhen(false)] out string? error)
    {
        var trimmed = text.Trim();
        if (trimmed.Length > 0 && trimmed[0] == '(' ? TryParsePair(trimmed, out action) : TryParseSingle(trimmed, out action))
        {
            error = null;
            return true;
        }

        error = $"'{Quote(trimmed)}' is not an action: write <stage>F<micro-batch> (or I, W, B for F) such as 0F3, "
            + "a pair such as (0F3;3B1)OVERLAP_F_B, or a transfer such as 0SEND_F3 (or RECV_F, SEND_B, RECV_B)";
        return false;
    }

    /// <summary>The letter of a computation, for drawings.</summary>
    public static char LetterOf(ActionKind kind)
        => kind < ActionKind.Pair
            ? CodeOf(kind)[0]
            : throw new ArgumentOutOfRangeException(nameof(kind), kind, "Only F, I, W and B are letters.");

    private static string CodeOf(ActionKind kind) => kind switch
    {
        ActionKind.Forward => "F",
        ActionKind.BackwardInput => "I",
        ActionKind.BackwardWeights => "W",
        ActionKind.Backward => "B",
        ActionKind.SendForward => "SEND_F",
        ActionKind.ReceiveForward => "RECV_F",
        ActionKind.SendBackward => "SEND_B",
        ActionKind.ReceiveBackward => "RECV_B",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A pair is written as its two parts."),
    };

    private static ActionKind? KindOf(ReadOnlySpan<char> code) => code switch
    {
        "F" => ActionKind.Forward,
        "I" => ActionKind.BackwardInput,
        "W" => ActionKind.BackwardWeights,
        "B" => ActionKind.Backward,
        "SEND_F" => ActionKind.SendForward,
        "RECV_F" => ActionKind.ReceiveForward,
        "SEND_B" => ActionKind.SendBackward,
        "RECV_B" => ActionKind.ReceiveBackward,
        _ => null,
    };

    private static bool TryParsePair(ReadOnlySpan<char> text, out StageAction action)
    {
        action = default;
        var middle = text.IndexOf(';');
        if (middle < 0 || !text.EndsWith(PairSuffix))
        {
            return false;
        }

        var end = text.Length - PairSuffix.Length;
        if (middle > end
            || !TryParseSingle(text[1..middle].Trim(), out var forward) || forward.Kind != ActionKind.Forward
            || !TryParseSingle(text[(middle + 1)..end].Trim(), out var backward) || backward.Kind != ActionKind.Backward)
        {
            return false;
        }

        action = StageAction.Pair(forward.Stage, forward.MicroBatch, backward.Stage, backward.MicroBatch);
        return true;
    }

    private static bool TryParseSingle(ReadOnlySpan<char> text, out StageAction action)
    {
        action = default;
        var stageEnd = 0;
        while (stageEnd < text.Length && char.IsAsciiDigit(text[stageEnd]))
        {
            stageEnd++;
        }

        var microBatchStart = text.Length;
        while (microBatchStart > stageEnd && char.IsAsciiDigit(text[microBatchStart - 1]))
        {
            microBatchStart--;
        }

        if (KindOf(text[stageEnd..microBatchStart]) is not { } kind
            || !TryParseNumber(text[..stageEnd], out var stage) || !TryParseNumber(text[microBatchStart..], out var microBatch))
        {
            return false;
        }

        action = StageAction.Single(kind, stage, microBatch);
        return true;
    }

    private static bool TryParseNumber(ReadOnlySpan<char> digits, out int value)
        => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static bool TryAppendSingle(int stage, string code, int microBatch, Span<char> destination, ref int written)
        => TryAppend(stage, destination, ref written) && TryAppend(code, destination, ref written)
            && TryAppend(microBatch, destination, ref written);

    private static bool TryAppend(int number, Span<char> destination, ref int written)
    {
        var fits = number.TryFormat(destination[written..], out var digits, default, CultureInfo.InvariantCulture);
        written += digits;
        return fits;
    }

    private static bool TryAppend(char character, Span<char> destination, ref int written)
    {
        if (written >= destination.Length)
        {
            return false;
        }

        destination[written++] = character;
        return true;
    }

    private static bool TryAppend(ReadOnlySpan<char> text, Span<char> destination, ref int written)
    {
        if (!text.TryCopyTo(destination[written..]))
        {
            return false;
        }

        written += text.Length;
        return true;
    }

    // A torn file can hold a cell of any length and any character; the message stays one short line.
    private static string Quote(ReadOnlySpan<char> text)
    {
        var shown = text.Length <= QuotedLength ? text.ToString() : string.Concat(text[..QuotedLength], "...");
        return shown.ReplaceLineEndings(" ").Replace('\t', ' ').Replace('\0', ' ');
    }
}
