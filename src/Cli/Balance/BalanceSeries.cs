using System.Text.Json;

namespace Actors.Cli.Balance;

/// <summary>MaxVio of each layer with experts over the steps of a run: load of the most chosen expert by the layer's mean, less 1.</summary>
/// <param name="Steps">Numbers of the steps, ascending.</param>
/// <param name="Layers">The layers, ascending.</param>
/// <param name="Values">[layer][step]; NaN where a step says nothing of a layer.</param>
internal sealed record BalanceSeries(int[] Steps, int[] Layers, double[][] Values)
{
    /// <summary>Reads what <c>train --json</c> wrote. Of a step that was trained again, as after a resume, the last line counts.</summary>
    /// <param name="lines">A JSON object a line; those that are no step, and a last one that was cut off, are passed over.</param>
    public static BalanceSeries Read(IEnumerable<string> lines)
    {
        var steps = new SortedDictionary<int, Dictionary<int, double>>();
        foreach (string line in lines)
        {
            if (TryReadStep(line, out int step, out Dictionary<int, double> layers))
            {
                steps[step] = layers;
            }
        }

        int[] numbers = [.. steps.Values.SelectMany(layers => layers.Keys).Distinct().Order()];
        return new BalanceSeries(
            [.. steps.Keys], numbers, [.. numbers.Select(layer => (double[])[.. steps.Values.Select(layers => layers.GetValueOrDefault(layer, double.NaN))])]);
    }

    /// <summary>The mean of a layer over a part of the steps, from one share of them to another; NaN where they say nothing.</summary>
    public double Mean(int layer, double from, double to)
    {
        double[] values = Values[layer];
        int first = Math.Min((int)(from * values.Length), values.Length - 1), end = Math.Max(first + 1, (int)(to * values.Length));
        return values[first..end].Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();
    }

    private static bool TryReadStep(string line, out int step, out Dictionary<int, double> layers)
    {
        (step, layers) = (0, []);
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("event", out JsonElement kind) || kind.ValueKind != JsonValueKind.String
                || kind.GetString() != "step" || !root.TryGetProperty("layers", out JsonElement all))
            {
                return false;
            }

            step = root.GetProperty("step").GetInt32();
            foreach (JsonElement layer in all.EnumerateArray())
            {
                layers[layer.GetProperty("layer").GetInt32()] = layer.GetProperty("maxViolation").GetDouble();
            }

            return layers.Count > 0;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return false;
        }
    }
}
