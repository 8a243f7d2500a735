using Actors.Runtime.Training.Memory;
using Actors.Runtime.Training.Reports;

namespace Actors.Cli.Requests;

/// <summary>Is told how a run goes. Called from one thread at a time, in order.</summary>
internal interface IRunProgress
{
    /// <summary>Something that people should know, one line, such as the placement that was chosen.</summary>
    void Notice(string line);

    /// <summary>A training run is about to begin that takes so much memory.</summary>
    void MemoryPlanned(PlannedMemory planned)
    {
        foreach (string line in Progress.MemoryText.Of(planned))
        {
            Notice(line);
        }
    }

    /// <summary>A training run has taken so much memory of what was planned.</summary>
    void MemoryTaken(MemoryTable taken)
    {
    }

    /// <summary>A training step is done.</summary>
    void StepCompleted(StepReport report);

    /// <summary>The next piece of text: of the prompt, where it is asked for, then of what the model adds.</summary>
    void TextGenerated(string text);
}
