using System.Runtime.InteropServices;
using Actors.Cpu;
using Actors.Cpu.Rounded;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Transfer;
using Actors.Tensors;
using Actors.Tensors.Formats;

namespace Actors.Model.Tests.Layers;

public sealed class OutputHeadTests
{
    private const int MaxTokens = 11;

    /// <summary>What a head's forward and backward of some chunks gave.</summary>
    private sealed record Result(List<float[]> Losses, List<float[]> Logits, List<float[]> Hidden, List<float[]> InputGradients, float[] Gradients);

    public static TheoryData<string, int, int, bool> Cuts()
    {
        var data = new TheoryData<string, int, int, bool>();
        foreach (string device in (string[])["float32", "bfloat16"])
        {
            data.Add(device, 4, 0, true);
            data.Add(device, 4, 1, false);
            data.Add(device, 1, 1, true);
            data.Add(device, MaxTokens, 0, true);
            data.Add(device, MaxTokens + 5, 1, true);
        }

        return data;
    }

    /// <summary>Chunks of full blocks, of a last block that is shorter, of less than a block, and of no rows; some rows without a target. Weight gradients go on from
    /// what is there, row by row, so that they may be cut anywhere.</summary>
    [Theory]
    [MemberData(nameof(Cuts))]
    public void Blocks_of_rows_give_the_bits_of_whole_logits(string device, int blockRows, int depth, bool hasHiddenGradient)
    {
        int[] chunks = [8, MaxTokens, 3, 0, 9];
        Result whole = Run(device, blockRows: 0, depth, hasHiddenGradient, chunks), blocks = Run(device, blockRows, depth, hasHiddenGradient, chunks);

        Assert.Equal(whole.Losses, blocks.Losses);
        Assert.Equal(whole.Logits, blocks.Logits);
        Assert.Equal(whole.Hidden, blocks.Hidden);
        Assert.Equal(whole.InputGradients, blocks.InputGradients);
        Assert.Equal(whole.Gradients, blocks.Gradients);
        Assert.Equal(0, whole.Losses[0][2]);
        Assert.All(new[] { whole.Losses[1], whole.Logits[1], whole.InputGradients[4], whole.Gradients }, values => Assert.Contains(values, value => value != 0));
    }

    [Fact]
    public void Without_a_backward_losses_are_of_logits_in_float32_either_way()
    {
        Result whole = Run("bfloat16", 0, 1, false, [MaxTokens], ActivationMode.ForwardOnly);
        Result blocks = Run("bfloat16", 4, 1, false, [MaxTokens], ActivationMode.ForwardOnly);

        Assert.Equal(whole.Losses, blocks.Losses);
        Assert.Equal(whole.Logits, blocks.Logits);
        Assert.Contains(whole.Logits[0], logit => (BitConverter.SingleToUInt32Bits(logit) & 0xFFFF) != 0);
    }

    [Fact]
    public void Blocks_take_no_memory_of_a_chunk_and_leave_no_logits()
    {
        using var backend = new CpuBackend();
        using var shapes = new ShapeBackend(backend);
        using var activations = new OutputHeadActivations(shapes, TinyModel.DefaultConfig, MaxTokens, ActivationMode.Kept, blockRows: 4);
        long blocks = shapes.Bytes;
        using var whole = new OutputHeadActivations(shapes, TinyModel.DefaultConfig, MaxTokens, ActivationMode.Kept, blockRows: 0);

        Assert.InRange(shapes.Bytes - (2 * blocks), (long)sizeof(float) * MaxTokens * TinyModel.DefaultConfig.VocabularySize, long.MaxValue);
        Assert.Throws<InvalidOperationException>(() => activations.Logits);
    }

    /// <summary>DeepSeek-V3's vocabulary; 64 rows of it are 33 MB in float32.</summary>
    [Theory]
    [InlineData(4096, LogitsBlocks.Limit, false, 2048)]
    [InlineData(2077, LogitsBlocks.Limit, false, 2048)]
    [InlineData(2076, LogitsBlocks.Limit, false, 0)]
    [InlineData(4096, LogitsBlocks.Limit, true, 0)]
    [InlineData(4096, 64L << 20, false, 128)]
    [InlineData(65, 1L << 25, false, 128)]
    [InlineData(64, 1L << 25, false, 0)]
    [InlineData(1 << 30, long.MaxValue, false, 0)]
    public void Rows_of_a_block_fit_the_limit(int tokens, long limit, bool isTied, int rows) =>
        Assert.Equal(rows, LogitsBlocks.RowsOf(TinyModel.DefaultConfig with { VocabularySize = 129280, TieWordEmbeddings = isTied }, tokens, limit));

    private static Result Run(
        string device, int blockRows, int depth, bool hasHiddenGradient, int[] chunks, ActivationMode mode = ActivationMode.Kept)
    {
        using var model = new TinyModel(Backend(device), config: TinyModel.DefaultConfig with { PredictLayers = 1 });
        (IBackend backend, ModelConfig config, IStream stream) = (model.Backend, model.Config, model.Stream);
        model.Weights.Prepare(stream);
        using var temporaries = new LayerTemporaries(backend, config, MaxTokens);
        using var activations = new OutputHeadActivations(backend, config, MaxTokens, mode, blockRows);
        using var gradients = new GradientSet(backend, model.Weights.Blocks);
        using var reader = new HostReader(stream);
        var plan = new TensorPlan();
        plan.Add(1, MaxTokens, ElementType.Int32);
        plan.Add(MaxTokens, config.HiddenSize, backend.Precision.Rows);
        plan.Add(MaxTokens, config.HiddenSize, backend.Precision.Rows);
        plan.Add(MaxTokens, config.VocabularySize);
        using Arena arena = plan.Allocate(backend);
        (Tensor targets, Tensor inputGradient, Tensor hiddenGradient, Tensor kept) = (plan.Next(), plan.Next(), plan.Next(), plan.Next());
        var head = new OutputHead(model.Weights, temporaries, depth);
        var random = new Random(5);
        var result = new Result([], [], [], [], new float[gradients.All.Count]);
        gradients.Begin();
        foreach (int tokens in chunks)
        {
            activations.SetTokens(tokens);
            int[] next = [.. Enumerable.Range(0, tokens).Select(i => i % 3 == 2 ? -1 : random.Next(config.VocabularySize))];
            stream.Upload(MemoryMarshal.AsBytes<int>(next), targets.ColumnRange(0, tokens));
            Fill(stream, activations.Input, random);
            Fill(stream, hiddenGradient.RowRange(0, tokens), random);
            head.Logits(stream, activations);
            head.Loss(stream, activations, targets.ColumnRange(0, tokens), 0.37f, kept.RowRange(0, tokens));
            result.Losses.Add(reader.ReadFloats(activations.Losses).ToArray());
            result.Logits.Add(reader.ReadFloats(kept.RowRange(0, tokens)).ToArray());
            result.Hidden.Add(reader.ReadFloats(activations.Hidden).ToArray());
            if (mode != ActivationMode.ForwardOnly)
            {
                head.BackwardInput(
                    stream, activations, inputGradient.RowRange(0, tokens), gradients, hasHiddenGradient ? hiddenGradient.RowRange(0, tokens) : default);
                head.BackwardWeights(stream, activations, gradients);
                result.InputGradients.Add(reader.ReadFloats(inputGradient.RowRange(0, tokens)).ToArray());
            }
        }

        gradients.End(stream);
        foreach (ParameterBlock block in gradients.Blocks)
        {
            // Padding between blocks is undefined.
            reader.ReadFloats(gradients[block]).CopyTo(result.Gradients.AsSpan((int)(gradients[block].Offset - gradients.All.Offset)));
        }

        return result;
    }

    private static IBackend Backend(string device) => device switch
    {
        "bfloat16" => new RoundedBackend(new CpuBackend()),
        _ => new CpuBackend(),
    };

    private static void Fill(IStream stream, Tensor tensor, Random random)
    {
        float[] values = [.. Enumerable.Range(0, (int)tensor.Count).Select(_ => random.NextSingle() - 0.5f)];
        if (tensor.Type == ElementType.BFloat16)
        {
            var rounded = new ushort[values.Length];
            BFloat16.FromSingle(values, rounded);
            stream.Upload(MemoryMarshal.AsBytes<ushort>(rounded), tensor);
        }
        else
        {
            stream.Upload(MemoryMarshal.AsBytes<float>(values), tensor);
        }
    }
}
