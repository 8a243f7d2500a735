namespace Actors.Cli.Progress;

/// <summary>Chooses how a training run is shown.</summary>
internal static class TrainingViews
{
    /// <summary>JSON lines for machines, a live view for people, plain lines for files and where control sequences are not wanted.</summary>
    public static ITrainingView For(Terminal terminal, bool isJson, TimeProvider time)
    {
        if (isJson)
        {
            return new JsonTrainingView(terminal);
        }

        return terminal is { IsInteractive: true, HasColor: true } ? new LiveTrainingView(terminal, time) : new PlainTrainingView(terminal);
    }
}
