using Actors.Cpu;
using Actors.Model.Layers;
using Actors.Tensors;

namespace Actors.Model.Tests.Layers;

public sealed class SequenceLayoutTests
{
    [Fact]
    public void Documents_cut_what_attention_sees_and_leave_the_sequences_whole()
    {
        using var backend = new CpuBackend();
        using IStream stream = backend.CreateStream("layout");
        using var layout = new SequenceLayout(backend, maxTokens: 8, maxSequences: 2);

        layout.SetUniform(stream, 2, 4, [0, 1, 0, 0, 0, 1, 2, 0]);

        Assert.Equal([0, 4, 8], layout.Boundaries.AsSpan<int>());
        Assert.Equal([0, 2, 3, 4, 7, 8], layout.AttentionBoundaries.AsSpan<int>());
        Assert.Equal([0, 1, 0, 0, 0, 1, 2, 0], layout.Positions.AsSpan<int>());
        Assert.Equal((8, 2, 3), (layout.Tokens, layout.Sequences, layout.EndPosition));

        layout.SetUniform(stream, 1, 4);

        Assert.Equal([0, 4], layout.AttentionBoundaries.AsSpan<int>());
        Assert.Equal([0, 1, 2, 3], layout.Positions.AsSpan<int>());
        Assert.Equal(4, layout.EndPosition);
    }
}
