namespace Actors.Cli.Progress;

/// <summary>Chooses how a training run is shown.</summary>
internal static class TrainingViews
{
    /// <summary>JSON lines for machines, a live view for people, plain lines for files.</summary>
    public static ITrainingView For(Terminal terminal, bool isJson, TimeProvider time)
    {
        if (isJson)
        {
            return new JsonTrainingView(terminal);
        }

        return terminal.IsInteractive ? new LiveTrainingView(terminal, time) : new PlainTrainingView(terminal);
    }
}
