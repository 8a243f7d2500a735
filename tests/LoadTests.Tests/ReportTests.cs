using System.Text.Json;
using Actors.LoadTests.Measuring;
using Actors.LoadTests.Reporting;

namespace Actors.LoadTests.Tests;

public sealed class ReportTests
{
    private static readonly RunPlace Place = new("a <machine>", ".NET", "2024-01-02 03:04 UTC", "abc");

    [Fact]
    public void Machines_read_figures_and_quantiles()
    {
        using var stream = new MemoryStream();
        JsonReport.Write(Sample(), Place, stream);
        JsonElement json = JsonDocument.Parse(stream.ToArray()).RootElement;
        Assert.Equal("a <machine>", json.GetProperty("machine").GetString());
        Assert.Equal(2, json.GetProperty("figures")[0].GetProperty("median").GetDouble());
        Assert.Equal(1000, json.GetProperty("latencies")[0].GetProperty("count").GetInt64());
        Assert.True(json.GetProperty("latencies")[0].GetProperty("p99_ms").GetDouble() > json.GetProperty("latencies")[0].GetProperty("p50_ms").GetDouble());
    }

    [Fact]
    public void A_page_stands_alone_and_escapes_what_it_shows()
    {
        string page = HtmlReport.Of(Sample(), Place);
        Assert.Contains("a &lt;machine&gt;", page);
        Assert.Contains("<svg", page);
        Assert.Contains("prefers-color-scheme: dark", page);
        Assert.DoesNotContain("http", page);
        Assert.DoesNotContain("NaN", page);
    }

    [Fact]
    public void People_read_the_median_and_the_range()
    {
        string text = TextReport.Of(Sample(), Place);
        Assert.Contains("2.0 (1.0 .. 4.0)", text);
        Assert.Contains("of 1000 trips", text);
    }

    [Fact]
    public void A_median_of_an_even_number_lies_between_the_middle_two() => Assert.Equal(new Spread(2.5, 1, 9), Spread.Of([9, 2, 1, 3]));

    private static Report Sample()
    {
        var histogram = new LatencyHistogram();
        for (int i = 0; i < 1000; i++)
        {
            histogram.Record(i * 1000L);
        }

        return new Report("sample", [("size", "1 < 2")], [new Figure("step", "rate/s", new Spread(2, 1, 4), 1)], [new Latency("step", "trips", histogram)]);
    }
}
