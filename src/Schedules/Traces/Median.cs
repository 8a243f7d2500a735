namespace Actors.Schedules.Traces;

/// <summary>The median of measured values.</summary>
internal static class Median
{
    /// <summary>The middle value, of an even number the mean of the two; null of none. Sorts the list.</summary>
    public static double? Of(List<double> values)
    {
        if (values.Count == 0)
        {
            return null;
        }

        values.Sort();
        var half = values.Count / 2;
        return values.Count % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
    }
}
