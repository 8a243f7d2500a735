namespace Actors.Schedules.Comparison;

/// <summary>In what order a comparison lists schedules.</summary>
public enum ComparisonOrder
{
    /// <summary>That of the catalogue: from the plain to the involved.</summary>
    Catalog,

    /// <summary>By <see cref="ScheduleFigures.RankTime"/>, least first; among equal ranks and micro-batches that is by step time.</summary>
    Time,

    /// <summary>By <see cref="ScheduleFigures.PeakActivations"/>, least first.</summary>
    Memory,
}
