using Actors.Cpu.Scalar;
using Actors.Tensors;

namespace Actors.Parity.Tests;

/// <summary>
/// Every operation on rows of bfloat16 gives what the scalar reference gives in float32 of the same rows, rounded once at its output. Outputs that are float32
/// by the contract are compared as they are in float32.
/// </summary>
public sealed class BFloat16Parity
{
    /// <summary>Half a unit in the last place of a bfloat16, relative: what one rounding to it changes at most.</summary>
    private const double Roundoff = 1.0 / 256;

    /// <summary>
    /// Tensor cores align the products of a step and cut what lies below, where the CPU rounds each sum: some more of float32's last places. Other operations of a
    /// GPU stay within those of float32.
    /// </summary>
    private const double GpuFactor = 8;

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (string backend in Backends.NamesOfBFloat16)
        {
            foreach (string operation in OperationTable.NamesOfBFloat16)
            {
                data.Add(backend, operation);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_operation_is_that_of_float32_rounded_once(string backend, string operation)
    {
        bool isGpu = backend == Backends.Gpu;
        for (int seed = 0; seed < OperationParity.SeedsOf(operation); seed++)
        {
            using IBackend reference = new ScalarBackend();
            using IBackend tested = Backends.Create(backend);
            List<TrialResult> expected = OperationParity.Run(reference, operation, seed, RowsAs.Rounded);
            List<TrialResult> found = OperationParity.Run(tested, operation, seed, RowsAs.BFloat16);
            for (int i = 0; i < expected.Count; i++)
            {
                string place = $"{operation} on {tested.Name}, seed {seed}: {expected[i].Name}";
                double allowed = expected[i].Tolerance * (isGpu ? GpuFactor : 1);
                if (found[i].Type == expected[i].Type)
                {
                    double distance = expected[i].DistanceTo(found[i]);
                    Assert.True(distance <= allowed, $"{place} is {distance:g3} away, allowed are {allowed:g3}.");
                }
                else if (RoundingsWithin(operation, isGpu) is > 0 and int roundings)
                {
                    double distance = expected[i].DistanceTo(found[i]);
                    allowed += (1 + roundings) * Roundoff;
                    Assert.True(distance <= allowed, $"{place} is {distance:g3} away, allowed are {allowed:g3}.");
                }
                else
                {
                    int wrong = expected[i].FirstNotRounded(found[i], allowed);
                    Assert.True(
                        wrong < 0,
                        $"{place}, element {wrong}: {found[i].Element(wrong):g9} is no rounding of {expected[i].Element(wrong):g9} within {allowed:g3}.");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_operation_gives_the_same_bits_again(string backend, string operation)
    {
        using IBackend tested = Backends.Create(backend);
        List<TrialResult> first = OperationParity.Run(tested, operation, seed: 1, RowsAs.BFloat16);
        List<TrialResult> second = OperationParity.Run(tested, operation, seed: 1, RowsAs.BFloat16);
        for (int i = 0; i < first.Count; i++)
        {
            Assert.Equal(first[i].Bytes, second[i].Bytes);
        }
    }

    /// <summary>
    /// Roundings to bfloat16 on the way to an output, each of which may change all terms of its sum: those that the operation prescribes (the norm before the
    /// product, the product before it is rotated), those of a saved output where two float32 results lie beside a tie (attention's, read by its backward, which large cases run too), and those of
    /// operands of a GPU's tensor cores (probabilities, gradients of scores, queries in the latent space, whose change the exponential multiplies).
    /// </summary>
    private static int RoundingsWithin(string operation, bool isGpu) => operation.Split(',')[0] switch
    {
        "NormLinear" => 1,
        "AppendProjected" => 2,
        "Attention" => operation == "Attention" ? (isGpu ? 2 : 0) : isGpu ? 3 : 1,
        "AttentionBackward" => isGpu ? 3 : 1,
        "LatentAttention" => isGpu ? 4 : 0,
        // A value that the update leaves between two numbers of bfloat16 may become either in a product.
        "AdamW" => isGpu ? 1 : 0,
        _ => 0,
    };
}
