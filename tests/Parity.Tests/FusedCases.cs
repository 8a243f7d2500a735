using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

/// <summary>Operations in one go where they are one after the other; what devices compute otherwise of rows of bfloat16 is held by <see cref="FewRows"/>.</summary>
internal static class FusedCases
{
    public static void AddTo(Dictionary<string, Action<Trial>> table)
    {
        table["NormLinear"] = NormLinear;
        table["AppendLatents"] = AppendLatents;
        table["AppendProjected"] = AppendProjected;
        table["NormChooseExperts"] = NormChooseExperts;
        table["TryFeedForward"] = FeedForward;
    }

    private static void NormLinear(Trial trial)
    {
        Tensor x = trial.Rows(trial.Size(), trial.Size());
        int outputs = trial.Size();
        trial.Stream.NormLinear(
            x, trial.Positive(1, x.Columns), 1e-6f, trial.OutputRows("normed", x.Rows, x.Columns, Tolerance.Product(x.Columns)),
            trial.Output("rstd", 1, x.Rows, Tolerance.Product(x.Columns)), trial.Weight(1, outputs, x.Columns),
            trial.OutputRows("y", x.Rows, outputs, 2 * Tolerance.Product(x.Columns)));
    }

    private static void AppendLatents(Trial trial)
    {
        int rows = trial.Size(), heads = trial.Size(4), pairs = trial.Size(16), latent = trial.Size(), places = rows + trial.Size();
        Tensor query = trial.OutputRows("query", rows, heads * ((2 * pairs) + trial.Size(8)), Tolerance.Product(2));
        Tensor cos = trial.Floats(9, pairs), sin = trial.Floats(9, pairs);
        var append = new LatentAppend(
            heads, trial.Positive(1, latent), 1e-6f, trial.Indices(1, rows, 0, 9), cos, sin, trial.Ints(1, rows, trial.Choices(1, rows, places, kind: 0)));
        Tensor cache = trial.OutputRows("cache", places, latent + (2 * pairs), Tolerance.Product(latent));
        trial.Stream.Zero(cache);
        trial.Stream.AppendLatents(
            query, trial.Rows(rows, latent), trial.OutputRows("key", rows, 2 * pairs, Tolerance.Product(2)), append,
            trial.OutputRows("normed", rows, latent, Tolerance.Product(latent)), cache);
    }

    private static void AppendProjected(Trial trial)
    {
        int rows = trial.Size(), heads = trial.Size(4), pairs = trial.Size(16), latent = trial.Size(), places = rows + trial.Size(), rank = trial.Size();
        int columns = heads * ((2 * pairs) + trial.Size(8));
        var projection = new QueryProjection(
            trial.Rows(rows, rank), trial.Positive(1, rank), 1e-6f, trial.OutputRows("query normed", rows, rank, Tolerance.Product(rank)),
            trial.Weight(1, columns, rank));
        Tensor cos = trial.Floats(9, pairs), sin = trial.Floats(9, pairs);
        var append = new LatentAppend(
            heads, trial.Positive(1, latent), 1e-6f, trial.Indices(1, rows, 0, 9), cos, sin, trial.Ints(1, rows, trial.Choices(1, rows, places, kind: 0)));
        Tensor cache = trial.OutputRows("cache", places, latent + (2 * pairs), Tolerance.Product(latent));
        trial.Stream.Zero(cache);
        trial.Stream.AppendProjected(
            projection, trial.OutputRows("query", rows, columns, 3 * Tolerance.Product(rank)), trial.Rows(rows, latent),
            trial.OutputRows("key", rows, 2 * pairs, Tolerance.Product(2)), append, trial.OutputRows("normed", rows, latent, Tolerance.Product(latent)), cache);
    }

    /// <summary>The bias orders the experts, and groups by sums that differ, so that scores which differ by rounding choose the same.</summary>
    private static void NormChooseExperts(Trial trial)
    {
        Tensor x = trial.Floats(trial.Size(8), trial.Size());
        (GateShape shape, int experts) = RoutingCases.Shape(trial);
        float[] bias = [.. Enumerable.Range(0, experts).Select(static rank => 0.02f * MathF.Pow(rank, 1.5f))];
        trial.Shuffle(bias);
        // A product, then the exponential of each of its sums.
        double scores = Tolerance.Product(x.Columns) + Tolerance.Exponential;
        trial.Stream.NormChooseExperts(
            x, trial.Floats(1, x.Columns, scale: 1e-4), 1e-6f, trial.Output("normed", x.Rows, x.Columns, Tolerance.Product(x.Columns)),
            trial.Output("rstd", 1, x.Rows, Tolerance.Product(x.Columns)), new GateChoice(trial.Weight(1, experts, x.Columns), trial.Numbers(bias), shape),
            trial.Output("scores", x.Rows, experts, scores), trial.Output("experts", x.Rows, shape.ExpertsKept, ElementType.Int32),
            trial.Output("weights", x.Rows, shape.ExpertsKept, 2 * scores));
    }

    /// <summary>No backend has a kernel for float32: each says so and leaves the result alone.</summary>
    private static void FeedForward(Trial trial)
    {
        int inner = trial.Size(), columns = trial.Size(), rows = trial.Size(8);
        Tensor y = trial.Output("y", rows, columns, Tolerance.Exact);
        Assert.False(trial.Stream.TryFeedForward(
            trial.Floats(rows, columns), chosen: null, new FeedForwardWeights(trial.Weight(1, 2 * inner, columns), trial.Weight(1, columns, inner)), y, default));
    }
}
