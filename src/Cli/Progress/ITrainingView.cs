using Actors.Cli.Requests;
using Actors.Runtime.Training.Reports;

namespace Actors.Cli.Progress;

/// <summary>Shows a training run. Disposing ends what is redrawn, whether the run went well or not.</summary>
internal interface ITrainingView : IRunProgress, IDisposable
{
    /// <summary>Shows what the run reached.</summary>
    /// <param name="report">The report.</param>
    /// <param name="resumeCommand">Command that goes on; null where there is nothing to go on with.</param>
    void Finish(TrainingReport report, string? resumeCommand);
}
