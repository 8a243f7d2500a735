using Actors.Model.Parameters;

namespace Actors.Tests.Support.Reference;

/// <summary>Comparisons with a reference case that every way of running the model must pass.</summary>
public static class ReferenceChecks
{
    /// <summary>Every token's experts, as sets, are the reference's.</summary>
    /// <param name="reference">The case.</param>
    /// <param name="experts">For each layer the choices (tokens, K).</param>
    public static void AssertSameChoices(ReferenceCase reference, IReadOnlyList<int[]> experts)
    {
        int choices = reference.Config.ExpertsPerToken;
        for (int layer = 0; layer < reference.Config.AllLayers; layer++)
        {
            if (!reference.Config.HasExperts(layer))
            {
                continue;
            }

            int[] expected = reference.Ints($"topk.{layer}");
            Assert.Equal(expected.Length, experts[layer].Length);
            for (int start = 0; start < expected.Length; start += choices)
            {
                Assert.Equal(expected.AsSpan(start, choices).ToArray().Order(), experts[layer].AsSpan(start, choices).ToArray().Order());
            }
        }
    }

    /// <summary>The tensor whose gradient lies furthest from the reference's, in relative L2.</summary>
    public static (double Distance, string Name) WorstGradient(
        ReferenceCase reference, IEnumerable<(IReadOnlyList<HubTensor> Tensors, float[] Gradient)> gradients)
    {
        (double Distance, string Name) worst = (0, "none");
        foreach ((IReadOnlyList<HubTensor> tensors, float[] gradient) in gradients)
        {
            foreach (HubTensor tensor in tensors)
            {
                double distance = Distance.Relative(tensor.RowsOf(gradient), reference.Gradient(tensor));
                worst = distance > worst.Distance ? (distance, tensor.Name) : worst;
            }
        }

        return worst;
    }
}
