namespace Actors.Simulation.Tests.Training;

/// <summary>What some steps of training gave.</summary>
/// <param name="Losses">One a step.</param>
/// <param name="Norms">Of the gradients, one a step.</param>
/// <param name="Weights">Values of each block at the end.</param>
/// <param name="Trace">Of the simulation; 0 where there was none.</param>
internal sealed record TrainingOutcome(double[] Losses, double[] Norms, float[][] Weights, ulong Trace = 0)
{
    /// <summary>Bit for bit.</summary>
    public void AssertEquals(TrainingOutcome other)
    {
        Assert.Equal(other.Losses, Losses);
        Assert.Equal(other.Norms, Norms);
        for (int block = 0; block < Weights.Length; block++)
        {
            Assert.True(Weights[block].AsSpan().SequenceEqual(other.Weights[block]), $"the values of block {block} differ");
        }
    }
}
