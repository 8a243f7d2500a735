namespace Actors.LoadTests.Measuring;

/// <summary>A figure that was measured several times.</summary>
internal readonly record struct Spread(double Median, double Least, double Greatest)
{
    public static Spread Of(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        int middle = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }

    /// <summary>In another unit.</summary>
    public Spread Times(double factor) => new(Median * factor, Least * factor, Greatest * factor);

    /// <summary>The rates at which an amount was done in these times: the least is that of the longest.</summary>
    public Spread RateOf(double amount) => new(amount / Median, amount / Greatest, amount / Least);
}
