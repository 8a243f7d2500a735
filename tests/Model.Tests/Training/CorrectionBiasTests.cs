using Actors.Model.Training;

namespace Actors.Model.Tests.Training;

public sealed class CorrectionBiasTests
{
    [Fact]
    public void Rises_below_the_mean_load_falls_above_and_rests_at_it()
    {
        float[] bias = [1, 1, 1, 1];
        CorrectionBias.Update(bias, [3, 5, 4, 4], 0.5);
        Assert.Equal([1.5f, 0.5f, 1, 1], bias);
    }

    [Fact]
    public void A_mean_that_is_no_whole_number_is_compared_exactly()
    {
        float[] bias = [0, 0, 0];
        CorrectionBias.Update(bias, [1, 0, 0], 1);
        Assert.Equal([-1f, 1, 1], bias);
    }

    [Fact]
    public void Loads_of_another_layer_are_refused() =>
        Assert.Throws<ArgumentException>(() => CorrectionBias.Update(new float[2], [1, 2, 3], 1));
}
