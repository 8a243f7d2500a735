namespace Actors.Runtime.Training.Results;

/// <summary>Rows that were moved.</summary>
/// <param name="Rows">How many.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Messages">Messages that announced them.</param>
public readonly record struct RowTraffic(long Rows, long Bytes, long Messages)
{
    /// <summary>The sums of both.</summary>
    public static RowTraffic operator +(RowTraffic a, RowTraffic b) => new(a.Rows + b.Rows, a.Bytes + b.Bytes, a.Messages + b.Messages);
}
