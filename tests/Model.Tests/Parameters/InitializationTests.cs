using System.Text;
using Actors.Cpu;
using Actors.Model.Parameters;
using Actors.Tensors;
using Actors.Tensors.Numbers;

namespace Actors.Model.Tests.Parameters;

public sealed class InitializationTests
{
    [Fact]
    public void Values_that_many_threads_draw_are_those_of_one_stream_of_numbers()
    {
        const double Deviation = 0.02;
        const ulong Seed = 5;
        // More than one batch of chunks, and an odd number of values.
        const int Rows = 41, Columns = 102_401;
        using var backend = new CpuBackend();
        using IStream stream = backend.CreateStream("fill");
        using ParameterBlock block = ParameterBlock.Table(backend, "model.embed_tokens.weight", Rows, Columns, []);
        block.Initialize(stream, Deviation, Seed);
        ReadOnlySpan<float> values = block.Values.AsSpan<float>();
        ulong state = KeyOf("model.embed_tokens.weight", Seed);
        for (int i = 0; i < values.Length; i += 2)
        {
            double radius = Deviation * Math.Sqrt(-2 * Math.Log(1 - SplitMix64.NextUniform(ref state)));
            (double sin, double cos) = Math.SinCos(2 * Math.PI * SplitMix64.NextUniform(ref state));
            Assert.Equal((float)(radius * cos), values[i]);
            if (i + 1 < values.Length)
            {
                Assert.Equal((float)(radius * sin), values[i + 1]);
            }
        }
    }

    /// <summary>FNV-1a of the name, mixed with the seed's first number.</summary>
    private static ulong KeyOf(string name, ulong seed)
    {
        ulong hash = Encoding.UTF8.GetBytes(name).Aggregate(14695981039346656037, (hash, value) => unchecked((hash ^ value) * 1099511628211));
        return hash ^ SplitMix64.Next(ref seed);
    }
}
