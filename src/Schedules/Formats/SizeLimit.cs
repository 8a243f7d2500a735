namespace Actors.Schedules.Formats;

/// <summary>
/// What a text may ask for. A complete timetable names every chunk at least once. One that names far fewer is torn or mistyped, and a
/// mistyped number such as 1000000F0 must not make the checker's tables as large.
/// </summary>
internal static class SizeLimit
{
    public const long ChunksPerComputation = 64;

    /// <summary>Why a text of so many computations cannot be a timetable of this size; null where it can.</summary>
    public static string? Refuse(int stages, int microBatches, int computations)
        => (long)stages * microBatches > ChunksPerComputation * computations
            ? $"{stages} stages x {microBatches} micro-batches cannot be played by {computations} actions: "
                + "the text is torn or a number mistyped"
            : null;
}
