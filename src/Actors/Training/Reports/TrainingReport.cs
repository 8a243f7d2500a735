namespace Actors.Runtime.Training.Reports;

/// <summary>What a training run did.</summary>
public sealed record TrainingReport
{
    /// <summary>Number of the last step, those before a resume included.</summary>
    public required int Step { get; init; }

    /// <summary>Steps that the run was to reach.</summary>
    public required int Steps { get; init; }

    /// <summary>Tokens trained on in this run, those before a resume not included.</summary>
    public required long Tokens { get; init; }

    /// <summary>Duration of this run.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Loss of the last step, nats a token.</summary>
    public required double Loss { get; init; }

    /// <summary>Mean over the held-out text, nats a token; null where there is none.</summary>
    public double? HeldOutLoss { get; init; }

    /// <summary>Whether a held-out loss is measured where text is held out: no stop was asked for before its end.</summary>
    public bool MeasuresHeldOut { get; init; } = true;

    /// <summary>What the model goes on with; null where there is none.</summary>
    public TextSample? Sample { get; init; }

    /// <summary>Why the model was asked and did not answer, one line; null where it did, or was not asked.</summary>
    public string? NoSample { get; init; }

    /// <summary>Where the ranks' time went, the largest first.</summary>
    public required IReadOnlyList<TimeShare> Time { get; init; }

    /// <summary>Share of the ranks' time in which their GPU had nothing of theirs to run, 0 to 1; null where it was not measured.</summary>
    public double? DeviceIdleFraction { get; init; }

    /// <summary>What crossed each kind of link.</summary>
    public required IReadOnlyList<HopTraffic> Traffic { get; init; }

    /// <summary>Folder of the last checkpoint; null where none was written.</summary>
    public string? CheckpointFolder { get; init; }

    /// <summary>Whether it ended early because it was asked to stop.</summary>
    public bool WasInterrupted { get; init; }

    /// <summary>Mean tokens/s of this run.</summary>
    public double TokensPerSecond => Elapsed > TimeSpan.Zero ? Tokens / Elapsed.TotalSeconds : 0;
}

/// <summary>A part of the ranks' time.</summary>
/// <param name="Name">What was done, such as <c>attention</c> or <c>bubble</c>.</param>
/// <param name="Duration">Summed over ranks.</param>
public sealed record TimeShare(string Name, TimeSpan Duration);

/// <summary>What crossed one kind of link.</summary>
/// <param name="Name">The link, such as <c>between nodes</c>.</param>
/// <param name="Rows">Rows of tokens.</param>
/// <param name="Bytes">Bytes of those rows.</param>
/// <param name="Messages">Messages that announced them.</param>
public sealed record HopTraffic(string Name, long Rows, long Bytes, long Messages);
