using Actors.Cpu;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Tests.Support.Reference;

namespace Actors.Oracle.Tests;

/// <summary>Documents that are packed into a sequence, with attention masked between them, are computed as if each stood alone.</summary>
public sealed class DocumentMasks
{
    private const int Length = 12;
    private const int Modules = 2;

    /// <summary>A sum of the same float32 losses in float64 in another order.</summary>
    private const double LossOrderTolerance = 1e-13;

    /// <summary>Gradients are summed document by document, as in the other cuts of <see cref="SerialModelTests"/>.</summary>
    private const double GradientTolerance = 1e-5;

    private static readonly float[] Scales = [0.05f, 0.03f, 0.02f];

    /// <summary>Two sequences of documents; the last of the first goes on as the first of the second, and the last one goes on behind it.</summary>
    private static readonly int[][] Documents = [[5, 1, 6], [3, 9]];

    [Theory]
    [InlineData(ActivationMode.Kept)]
    [InlineData(ActivationMode.Recomputed)]
    public void A_packed_sequence_equals_its_documents_run_apart(ActivationMode mode)
    {
        Part[] documents = [.. Parts()];
        using var model = new TinyModel(new CpuBackend(), 4, 2, config: TinyModel.DefaultConfig with { PredictLayers = Modules });
        using var serial = new SerialModel(model.Backend, model.Stream, model.Weights, model.Placement, new SerialOptions(1, 2, Length, mode));
        using GradientSet packed = new(model.Backend, model.Weights.Blocks), apart = new(model.Backend, model.Weights.Blocks);
        int[] ids = [.. documents.SelectMany(part => part.Ids)], targets = [.. documents.SelectMany(part => part.Targets)];
        int[] positions = [.. documents.SelectMany(part => Enumerable.Range(0, part.Ids.Length))];

        packed.Begin();
        serial.SetChunk(0, ids, targets, Length, positions: positions);
        (float[][] logits, double[] losses) = Run(serial, packed, ids.Length);
        packed.End(model.Stream);

        apart.Begin();
        double[] sums = new double[1 + Modules];
        int first = 0;
        foreach (Part part in documents)
        {
            serial.SetChunk(0, part.Ids, part.Targets, part.Ids.Length);
            (float[][] alone, double[] partLosses) = Run(serial, apart, part.Ids.Length);
            for (int depth = 0; depth <= Modules; depth++)
            {
                // A module's rows without a target read a token of another document, and nothing depends on them.
                int rows = Math.Max(0, part.Ids.Length - depth - (depth > 0 && part.Targets[^1] < 0 ? 1 : 0)), columns = model.Config.VocabularySize;
                Assert.Equal(alone[depth].AsSpan(0, rows * columns), logits[depth].AsSpan(first * columns, rows * columns));
                sums[depth] += partLosses[depth];
            }

            first += part.Ids.Length;
        }

        apart.End(model.Stream);
        Assert.All(sums.Zip(losses), pair => Assert.Equal(pair.First, pair.Second, LossOrderTolerance * pair.First));
        foreach (ParameterBlock block in packed.Blocks)
        {
            double distance = Distance.Relative(packed[block].AsSpan<float>(), apart[block].AsSpan<float>());
            Assert.True(distance < GradientTolerance, $"{block.Name}: {distance:g3}");
        }
    }

    [Fact]
    public void Without_the_mask_a_document_sees_the_one_before()
    {
        Part[] documents = [.. Parts()];
        using var model = new TinyModel(new CpuBackend());
        using var serial = new SerialModel(model.Backend, model.Stream, model.Weights, model.Placement, new SerialOptions(1, 2, Length, ActivationMode.ForwardOnly));
        int[] ids = [.. documents.SelectMany(part => part.Ids)];
        float[] seeing = new float[ids.Length * model.Config.VocabularySize], masked = new float[seeing.Length];

        serial.SetChunk(0, ids, [], Length);
        serial.Forward();
        serial.ReadLogits(0, seeing);
        serial.SetChunk(0, ids, [], Length, positions: [.. documents.SelectMany(part => Enumerable.Range(0, part.Ids.Length))]);
        serial.Forward();
        serial.ReadLogits(0, masked);

        int same = Documents[0][0] * model.Config.VocabularySize, next = same + model.Config.VocabularySize;
        Assert.Equal(seeing[..same], masked[..same]);
        Assert.NotEqual(seeing[same..next], masked[same..next]);
    }

    [Theory]
    [InlineData(3, 1, "Row 3 of a sequence cannot have the position 1")]
    [InlineData(Length, 3, "Row 0 of a sequence cannot have the position 3")]
    public void Positions_that_are_none_are_refused(int row, int position, string expected)
    {
        using var model = new TinyModel(new CpuBackend());
        using var serial = new SerialModel(model.Backend, model.Stream, model.Weights, model.Placement, new SerialOptions(1, 2, Length, ActivationMode.ForwardOnly));
        int[] ids = TinyModel.Tokens(2 * Length, 1), positions = [.. Enumerable.Range(0, Length), .. Enumerable.Range(0, Length)];
        positions[row] = position;

        ArgumentException error = Assert.Throws<ArgumentException>(() => serial.SetChunk(0, ids, [], Length, positions: positions));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    /// <summary>The documents' parts, with random tokens.</summary>
    private static IEnumerable<Part> Parts()
    {
        int[] ids = TinyModel.Tokens((2 * Length) + 1, 5);
        int first = 0;
        foreach (int[] lengths in Documents)
        {
            for (int i = 0; i < lengths.Length; i++)
            {
                int end = first + lengths[i], behind = i == lengths.Length - 1 ? ids[end] : -1;
                yield return new Part(ids[first..end], [.. ids[(first + 1)..end], behind]);
                first = end;
            }
        }
    }

    private static (float[][] Logits, double[] Losses) Run(SerialModel serial, GradientSet gradients, int rows)
    {
        serial.Forward();
        float[][] logits = [.. Enumerable.Range(0, 1 + Modules).Select(_ => new float[rows * serial.Config.VocabularySize])];
        for (int depth = 0; depth <= Modules; depth++)
        {
            serial.ReadLogits(0, logits[depth], depth);
        }

        double[] losses = new double[1 + Modules];
        serial.Loss(Scales, losses);
        serial.Backward(gradients);
        return (logits, losses);
    }

    private sealed record Part(int[] Ids, int[] Targets);
}
