using System.Diagnostics.Metrics;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Serving;

namespace Actors.Runtime.Diagnostics;

/// <summary>Instruments of the gateway, added to once a request or once a step.</summary>
internal sealed class ServingMeters
{
    private readonly Counter<long> _admitted;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _ended;
    private readonly UpDownCounter<long> _waiting;
    private readonly UpDownCounter<long> _running;
    private readonly Counter<long> _promptTokens;
    private readonly Counter<long> _tokens;
    private readonly Histogram<double> _firstToken;
    private readonly Histogram<double> _prefill;
    private readonly Histogram<double> _decode;
    private readonly Histogram<double> _step;

    public ServingMeters(Meter meter)
    {
        _admitted = meter.CreateCounter<long>("actors.infer.requests.admitted", "{request}", "Requests that got a cache slot.");
        _refused = meter.CreateCounter<long>("actors.infer.requests.refused", "{request}", "Requests that cannot be served.");
        _ended = meter.CreateCounter<long>("actors.infer.requests.ended", "{request}", "Requests that ended, by reason.");
        _waiting = meter.CreateUpDownCounter<long>("actors.infer.requests.waiting", "{request}", "Requests that wait for a slot.");
        _running = meter.CreateUpDownCounter<long>("actors.infer.requests.running", "{request}", "Requests that are being served.");
        _promptTokens = meter.CreateCounter<long>("actors.infer.prompt.tokens", "{token}", "Tokens of admitted prompts.");
        _tokens = meter.CreateCounter<long>("actors.infer.tokens", "{token}", "Tokens generated.");
        _firstToken = Duration(meter, "actors.infer.time_to_first_token", "From a request's arrival to its first token.");
        _prefill = Duration(meter, "actors.infer.prefill.duration", "From a request's first step to its first token.");
        _decode = Duration(meter, "actors.infer.decode.duration", "From a request's first token to its last.");
        _step = Duration(meter, "actors.infer.step.duration", "Time of a serving step, by mode: a decoding step is one token of every running sequence.");
    }

    public void Refused() => _refused.Add(1);

    public void Queued() => _waiting.Add(1);

    public void Admitted(int promptTokens)
    {
        _waiting.Add(-1);
        _running.Add(1);
        _admitted.Add(1);
        _promptTokens.Add(promptTokens);
    }

    public void FirstToken(double sinceArrival) => _firstToken.Record(sinceArrival);

    public void StepEnded(StepMode mode, int tokens, double seconds)
    {
        _tokens.Add(tokens);
        _step.Record(seconds, mode == StepMode.Prefill ? Prefill : Decode);
    }

    public void Ended(EndReason reason, double prefill, double decode)
    {
        _running.Add(-1);
        _ended.Add(1, new KeyValuePair<string, object?>("reason", Name(reason)));
        _prefill.Record(prefill);
        _decode.Record(decode);
    }

    public void Failed(int running, int waiting)
    {
        _running.Add(-running);
        _waiting.Add(-waiting);
        _ended.Add(running + waiting, new KeyValuePair<string, object?>("reason", "failure"));
    }

    /// <summary>A request was taken back before it got a slot.</summary>
    public void Withdrawn()
    {
        _waiting.Add(-1);
        _ended.Add(1, new KeyValuePair<string, object?>("reason", Name(EndReason.Stopped)));
    }

    private static KeyValuePair<string, object?> Prefill { get; } = new("mode", "prefill");

    private static KeyValuePair<string, object?> Decode { get; } = new("mode", "decode");

    private static string Name(EndReason reason) => reason switch
    {
        EndReason.EndToken => "end_token",
        EndReason.MaxTokens => "max_tokens",
        EndReason.MaxLength => "max_length",
        EndReason.Stopped => "stopped",
        _ => "other",
    };

    private static Histogram<double> Duration(Meter meter, string name, string description) =>
        meter.CreateHistogram(name, "s", description, tags: null, RuntimeMeters.Durations);
}
