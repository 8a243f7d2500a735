using Actors.Model.Checkpoint;

namespace Actors.Tests.Support;

/// <summary>Compares folders of tensors.</summary>
public static class SameTensors
{
    /// <summary>Asserts that two folders have the same tensors, whatever files they lie in.</summary>
    public static void Assert(string one, string other)
    {
        using CheckpointReader expected = CheckpointReader.Open(one), actual = CheckpointReader.Open(other);
        Xunit.Assert.Equal(expected.Names.Order(StringComparer.Ordinal), actual.Names.Order(StringComparer.Ordinal));
        foreach (string name in expected.Names)
        {
            float[] values = new float[expected.Find(name).Count], others = new float[values.Length];
            expected.ReadFloats(name, values);
            actual.ReadFloats(name, others);
            Xunit.Assert.True(values.AsSpan().SequenceEqual(others), name);
        }
    }
}
