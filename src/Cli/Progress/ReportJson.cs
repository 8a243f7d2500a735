using System.Text.Json;
using Actors.Cli.Requests;
using Actors.Runtime.Serving;
using Actors.Runtime.Training.Memory;
using Actors.Runtime.Training.Reports;

namespace Actors.Cli.Progress;

/// <summary>Reports as JSON objects of one line; <c>event</c> says which.</summary>
internal static class ReportJson
{
    public static string Notice(string line) => Event("notice", json => json.WriteString("text", line));

    public static string Of(PlannedMemory planned) => Event("memory", json => MemoryJson.Write(json, planned));

    public static string Of(MemoryTable taken) => Event("memoryTaken", json => MemoryJson.WriteGroups(json, taken));

    public static string Text(string text) => Event("text", json => json.WriteString("text", text));

    public static string Of(StepReport report) => Event("step", json =>
    {
        json.WriteNumber("step", report.Step);
        json.WriteNumber("steps", report.Steps);
        json.WriteFinite("loss", report.Loss);
        WritePredictions(json, report.PredictionLosses);
        if (report.Balance > 0)
        {
            json.WriteFinite("balanceLoss", report.Balance);
        }

        json.WriteFinite("learningRate", report.LearningRate);
        json.WriteFinite("gradientNorm", report.GradientNorm);
        json.WriteFinite("tokensPerSecond", report.TokensPerSecond);
        json.WriteFinite("bubbleFraction", report.BubbleFraction);
        json.WriteFinite("exposedCommunicationFraction", report.ExposedCommunicationFraction);
        json.WriteFinite("skewFraction", report.SkewFraction);
        json.WriteFinite("hiddenCommunicationFraction", report.HiddenCommunicationFraction ?? double.NaN);
        WriteIdle(json, report.DeviceIdleFraction);
        json.WriteStartArray("expertLoad");
        foreach (long load in report.ExpertLoad)
        {
            json.WriteNumberValue(load);
        }

        json.WriteEndArray();
        json.WriteStartArray("layers");
        foreach (LayerBalance layer in report.Layers)
        {
            json.WriteStartObject();
            json.WriteNumber("layer", layer.Layer);
            json.WriteFinite("maxViolation", Math.Round(layer.MaxViolation, 4));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (report.MaxNodesOfToken > 0)
        {
            json.WriteNumber("maxNodesOfToken", report.MaxNodesOfToken);
            json.WriteFinite("meanNodesOfToken", report.MeanNodesOfToken);
        }
    });

    public static string Of(TrainingReport report, string? resumeCommand) => Event("report", json =>
    {
        json.WriteNumber("step", report.Step);
        json.WriteNumber("steps", report.Steps);
        json.WriteNumber("tokens", report.Tokens);
        json.WriteFinite("seconds", report.Elapsed.TotalSeconds);
        json.WriteFinite("tokensPerSecond", report.TokensPerSecond);
        json.WriteFinite("loss", report.Loss);
        json.WriteFinite("heldOutLoss", report.HeldOutLoss ?? double.NaN);
        json.WriteString("samplePrompt", report.Sample?.Prompt);
        json.WriteString("sample", report.Sample?.Continuation);
        json.WriteString("noSample", report.NoSample);
        json.WriteBoolean("interrupted", report.WasInterrupted);
        json.WriteString("checkpoint", report.CheckpointFolder);
        json.WriteString("resume", resumeCommand);
        json.WriteStartObject("secondsByWork");
        foreach (TimeShare share in report.Time)
        {
            json.WriteFinite(share.Name, share.Duration.TotalSeconds);
        }

        json.WriteEndObject();
        WriteIdle(json, report.DeviceIdleFraction);
        json.WriteStartArray("traffic");
        foreach (HopTraffic hop in report.Traffic)
        {
            json.WriteStartObject();
            json.WriteString("hop", hop.Name);
            json.WriteNumber("rows", hop.Rows);
            json.WriteNumber("bytes", hop.Bytes);
            json.WriteNumber("messages", hop.Messages);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    public static string Of(InferenceReport report) => Event("report", json =>
    {
        json.WriteNumber("promptTokens", report.PromptTokens);
        json.WriteNumber("newTokens", report.NewTokens);
        json.WriteString("stopReason", NameOf(report.Reason));
        json.WriteFinite("prefillSeconds", report.Prefill.TotalSeconds);
        json.WriteFinite("decodeSeconds", report.Decode.TotalSeconds);
        json.WriteFinite("tokensPerSecond", report.TokensPerSecond ?? double.NaN);
    });

    /// <summary>Nothing where no GPU was measured.</summary>
    private static void WriteIdle(Utf8JsonWriter json, double? idle)
    {
        if (idle is { } share)
        {
            json.WriteFinite("gpuIdleFraction", share);
        }
    }

    private static string NameOf(EndReason reason) => reason switch
    {
        EndReason.EndToken => "end-token",
        EndReason.MaxTokens => "max-tokens",
        EndReason.MaxLength => "sequence-full",
        _ => "stopped",
    };

    public static string Of(EvaluationReport report) => Event("report", json =>
    {
        json.WriteFinite("loss", report.Loss);
        WritePredictions(json, report.PredictionLosses);
        json.WriteNumber("tokens", report.Tokens);
        json.WriteString("placement", report.Placement);
        json.WriteString("output", report.OutputFile);
    });

    private static string Event(string name, Action<Utf8JsonWriter> write) => JsonText.Of(json =>
    {
        json.WriteStartObject();
        json.WriteString("event", name);
        write(json);
        json.WriteEndObject();
    });

    /// <summary>Losses of multi-token-prediction modules, where the model has any.</summary>
    private static void WritePredictions(Utf8JsonWriter json, IReadOnlyList<double> losses)
    {
        if (losses.Count == 0)
        {
            return;
        }

        json.WriteStartArray("predictionLosses");
        foreach (double loss in losses)
        {
            json.WriteNumberValue(loss);
        }

        json.WriteEndArray();
    }
}
