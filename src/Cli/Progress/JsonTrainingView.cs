using Actors.Cli.Requests;
using Actors.Runtime.Training.Memory;
using Actors.Runtime.Training.Reports;

namespace Actors.Cli.Progress;

/// <summary>One JSON object a line: steps, notices and the report.</summary>
internal sealed class JsonTrainingView(Terminal terminal) : ITrainingView
{
    public void Notice(string line) => terminal.Output.WriteLine(ReportJson.Notice(line));

    public void MemoryPlanned(PlannedMemory planned) => terminal.Output.WriteLine(ReportJson.Of(planned));

    public void MemoryTaken(MemoryTable taken) => terminal.Output.WriteLine(ReportJson.Of(taken));

    public void StepCompleted(StepReport report)
    {
        terminal.Output.WriteLine(ReportJson.Of(report));
        terminal.Output.Flush();
    }

    public void TextGenerated(string text) => terminal.Output.WriteLine(ReportJson.Text(text));

    public void Finish(TrainingReport report, string? resumeCommand) => terminal.Output.WriteLine(ReportJson.Of(report, resumeCommand));

    public void Dispose() => terminal.Output.Flush();
}
