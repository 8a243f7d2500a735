using System.Text;
using System.Text.Json;

namespace Actors.Schedules.Traces;

/// <summary>
/// Reads the events of category <c>action</c> from a Chrome trace, in one pass and without a document in memory, since traces are large.
/// </summary>
internal static class TraceReader
{
    private const string Mend = "write the trace again with: actors train --trace FILE";

    private const double MillisecondsPerMicrosecond = 1e-3;

    public static List<MeasuredAction> Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            var actions = ReadTrace(ref reader);
            return actions.Count > 0 ? actions : throw new TraceFormatException($"the trace has no events of category action; {Mend}");
        }
        catch (JsonException)
        {
            throw new TraceFormatException($"byte {reader.BytesConsumed}: this is no complete JSON: the trace is torn or mistyped here; {Mend}");
        }
    }

    private static List<MeasuredAction> ReadTrace(ref Utf8JsonReader reader)
    {
        var actions = new List<MeasuredAction>();
        var hasEvents = false;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new TraceFormatException($"a trace is an object with traceEvents, not {reader.TokenType}; {Mend}");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isEvents = reader.ValueTextEquals("traceEvents");
            reader.Read();
            if (isEvents && reader.TokenType == JsonTokenType.StartArray)
            {
                hasEvents = true;
                ReadEvents(ref reader, actions);
            }
            else
            {
                reader.Skip();
            }
        }

        return hasEvents ? actions : throw new TraceFormatException($"the trace has no list traceEvents; {Mend}");
    }

    private static void ReadEvents(ref Utf8JsonReader reader, List<MeasuredAction> actions)
    {
        for (var number = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; number++)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new TraceFormatException($"event {number} is not an object but {reader.TokenType}; {Mend}");
            }

            var fields = default(Fields);
            ReadFields(ref reader, ref fields);
            if (fields.IsAction)
            {
                actions.Add(fields.ToAction(number));
            }
        }
    }

    // The fields of an event and of its args have different names, so that both go into one place.
    private static void ReadFields(ref Utf8JsonReader reader, ref Fields fields)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Fields.IndexOf(reader.ValueSpan);
            var isArgs = reader.ValueTextEquals("args");
            reader.Read();
            if (isArgs && reader.TokenType == JsonTokenType.StartObject)
            {
                ReadFields(ref reader, ref fields);
            }
            else if (name >= 0 && reader.TokenType == JsonTokenType.Number)
            {
                fields.Set(name, reader.GetDouble());
            }
            else if (name == Fields.Category && reader.TokenType == JsonTokenType.String)
            {
                fields.IsAction = reader.ValueTextEquals("action");
            }
            else if (name == Fields.ActionText && reader.TokenType == JsonTokenType.String)
            {
                fields.Text = reader.GetString();
            }
            else
            {
                reader.Skip();
            }
        }
    }

    /// <summary>What has been read of one event: numbers in the order of <see cref="Names"/>, and which of them were there.</summary>
    private struct Fields
    {
        public const int Category = 8;
        public const int ActionText = 9;

        private static readonly string[] Names =
            ["ts", "dur", "step", "position", "weights", "pipelineRank", "expertRank", "dataGroup", "cat", "action"];

        private static readonly byte[][] Utf8Names = [.. Names.Select(Encoding.UTF8.GetBytes)];

        private Numbers _numbers;
        private int _seen;

        public bool IsAction { get; set; }

        public string? Text { get; set; }

        public static int IndexOf(ReadOnlySpan<byte> name)
        {
            for (var i = 0; i < Utf8Names.Length; i++)
            {
                if (name.SequenceEqual(Utf8Names[i]))
                {
                    return i;
                }
            }

            return -1;
        }

        public void Set(int name, double value)
        {
            if (name < Category)
            {
                _numbers[name] = value;
                _seen |= 1 << name;
            }
        }

        public readonly MeasuredAction ToAction(int number)
        {
            for (var name = 0; name < Category; name++)
            {
                if ((_seen & 1 << name) == 0)
                {
                    throw new TraceFormatException($"event {number} is an action without a number {Names[name]}; {Mend}");
                }

                if (!double.IsFinite(_numbers[name]) || (name != 0 && _numbers[name] is < 0 or > int.MaxValue * 1e6))
                {
                    throw new TraceFormatException($"event {number} is an action whose {Names[name]} is {_numbers[name]}; {Mend}");
                }
            }

            if (Text is null)
            {
                throw new TraceFormatException($"event {number} is an action without its text; {Mend}");
            }

            if (!StageAction.TryParse(Text, out var action, out var error))
            {
                throw new TraceFormatException($"event {number}: {error}; {Mend}");
            }

            var start = _numbers[0] * MillisecondsPerMicrosecond;
            var end = start + _numbers[1] * MillisecondsPerMicrosecond;
            var weights = _numbers[4] * MillisecondsPerMicrosecond;
            return new MeasuredAction(
                (int)_numbers[2], ((int)_numbers[7], (int)_numbers[6]), (int)_numbers[5], (int)_numbers[3], action, start, end, weights);
        }

        [System.Runtime.CompilerServices.InlineArray(Category)]
        private struct Numbers
        {
            private double _first;
        }
    }
}
