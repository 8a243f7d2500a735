using Actors.Model;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Tensors;

namespace Actors.Runtime.Training.Memory;

/// <summary>Memory of what has planned sizes, measured by making it on a device without memory.</summary>
internal static class ChunkMemory
{
    /// <summary>Rows up to which activations are measured as they are; of more they grow in proportion to these.</summary>
    private const int MeasuredTokens = 4096;

    /// <summary>A chunk's activations in one stage, its logits apart, in blocks of so many rows or whole (0).</summary>
    public static MemoryEstimate OfChunk(
        IBackend backend, ModelConfig model, StageLayout layout, int stage, int tokens, ActivationMode mode, int logitsRows, bool routesOnHost = true, int sequences = 1)
    {
        if (tokens <= MeasuredTokens)
        {
            return Measured(tokens);
        }

        // What does not grow with the rows is in both.
        MemoryEstimate half = Measured(MeasuredTokens / 2), most = Measured(MeasuredTokens);
        return most + ((tokens - MeasuredTokens) / (MeasuredTokens / 2.0) * (most + (-1.0 * half)));

        MemoryEstimate Measured(int rows) => rows == 0 ? default : Measure(
            backend, MemoryKind.Activations, shapes => new ChunkActivations(shapes, model, layout, stage, rows, sequences, mode, routesOnHost, logitsRows));
    }

    /// <summary>What all layers that run on a stream share.</summary>
    public static double OfScratch(IBackend backend, ModelConfig model, int tokens, ActivationMode mode)
    {
        using var shapes = new ShapeBackend(backend);
        using var temporaries = new LayerTemporaries(shapes, model, tokens);
        using var scratch = new AttentionScratch(shapes, model, tokens, mode, temporaries);
        return shapes.Bytes;
    }

    /// <summary>What attention's backward takes for a chunk from the shared temporaries: heads, down projection, queries, keys and values, gate.</summary>
    public static double OfAttentionGradients(ModelConfig model, ElementType rows, int tokens)
    {
        int queries = model.Heads * model.QueryHeadSize;
        return Arena.Plan(tokens, model.Heads * model.ValueHeadSize, rows) + Arena.Plan(tokens, (model.QueryRank ?? queries) + model.KeyValueRank + model.RopeHeadSize, rows)
            + Arena.Plan(tokens, model.QueryRank is null ? 0 : queries, rows) + Arena.Plan(tokens, model.Heads * (model.NopeHeadSize + model.ValueHeadSize), rows)
            + Arena.Plan(tokens, model.RoutedExperts);
    }

    /// <summary>The block of logits that a rank's heads take, of so many rows: as the device stores rows, and in float32 where no backward follows.</summary>
    public static double OfLogitsBlock(IBackend backend, ModelConfig model, int rows, bool evaluates = true)
    {
        double elements = (double)rows * model.VocabularySize, row = backend.Precision.Rows.SizeInBytes();
        return rows == 0 ? 0
            : GrowingMemory.Rounded(row * elements) + (evaluates && backend.Precision.Rows != ElementType.Float32 ? GrowingMemory.Rounded(sizeof(float) * elements) : 0);
    }

    private static MemoryEstimate Measure(IBackend backend, MemoryKind kind, Func<IBackend, IDisposable> make)
    {
        var tally = new MemoryTally();
        using var shapes = new ShapeBackend(backend);
        using IDisposable made = make(tally.Of(shapes, kind));
        return MemoryEstimate.Of(tally);
    }
}
