namespace Actors.LoadTests.Measuring;

/// <summary>How fast memory was copied.</summary>
/// <param name="BytesPerSecond">Bytes written each second by all threads.</param>
/// <param name="BytesPerCoreSecond">Bytes written for each second of processor time: what other programs take doesn't count.</param>
internal readonly record struct CopySpeed(double BytesPerSecond, double BytesPerCoreSecond)
{
    /// <summary>The mean of two measurements.</summary>
    public static CopySpeed Between(CopySpeed a, CopySpeed b) =>
        new((a.BytesPerSecond + b.BytesPerSecond) / 2, (a.BytesPerCoreSecond + b.BytesPerCoreSecond) / 2);
}
