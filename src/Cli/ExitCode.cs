namespace Actors.Cli;

/// <summary>What the command tells its caller.</summary>
internal static class ExitCode
{
    /// <summary>Done, or stopped in good order because it was asked to.</summary>
    public const int Success = 0;

    /// <summary>It was asked for something possible and did not manage it.</summary>
    public const int Failure = 1;

    /// <summary>It was asked for something impossible: options, configuration, input.</summary>
    public const int Usage = 2;
}
