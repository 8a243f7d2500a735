using Actors.Cpu.Scalar;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Parity.Tests;

/// <summary>Every operation on every backend gives what the scalar reference gives.</summary>
public sealed class OperationParity
{
    private const int Seeds = 25;
    private const int LargeSeeds = 3;

    public static TheoryData<string, string> Cases() => With(Backends.Names);

    /// <summary>Those of them that compute in another way than the reference itself.</summary>
    public static TheoryData<string, string> Others() => With(Backends.Names.Except(Backends.References));

    [Fact]
    public void Every_operation_of_the_contract_has_a_row()
    {
        string[] moves = [nameof(IStream.Upload), nameof(IStream.Download), nameof(IStream.Prepare)];
        foreach (Type family in typeof(IStream).GetInterfaces().Where(type => type.Namespace == typeof(AttentionShape).Namespace))
        {
            foreach (string operation in family.GetMethods().Where(method => !method.IsStatic).Select(method => method.Name).Except(moves))
            {
                Assert.Contains(operation, OperationTable.Names);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Others))]
    public void An_operation_agrees_with_the_scalar_reference(string backend, string operation)
    {
        for (int seed = 0; seed < SeedsOf(operation); seed++)
        {
            using IBackend reference = new ScalarBackend();
            using IBackend tested = Backends.Create(backend);
            List<TrialResult> expected = Run(reference, operation, seed);
            List<TrialResult> found = Run(tested, operation, seed);
            Assert.NotEmpty(expected);
            for (int i = 0; i < expected.Count; i++)
            {
                double distance = expected[i].DistanceTo(found[i]);
                double allowed = expected[i].Tolerance;
                Assert.True(
                    distance <= allowed,
                    $"{operation} on {tested.Name}, seed {seed}: {expected[i].Name} is {distance:g3} away, allowed are {allowed:g3}.");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_operation_gives_the_same_bits_again(string backend, string operation)
    {
        using IBackend tested = Backends.Create(backend);
        List<TrialResult> first = Run(tested, operation, seed: 1);
        List<TrialResult> second = Run(tested, operation, seed: 1);
        for (int i = 0; i < first.Count; i++)
        {
            Assert.Equal(first[i].Bytes, second[i].Bytes);
        }
    }

    internal static int SeedsOf(string operation) =>
        operation.EndsWith(OperationTable.LargeSuffix, StringComparison.Ordinal) ? LargeSeeds : Seeds;

    internal static List<TrialResult> Run(IBackend backend, string operation, int seed, RowsAs rowsAs = RowsAs.Float32)
    {
        using var trial = new Trial(backend, seed, rowsAs);
        OperationTable.Run(operation, trial);
        return trial.Results();
    }

    private static TheoryData<string, string> With(IEnumerable<string> backends)
    {
        var data = new TheoryData<string, string>();
        foreach (string backend in backends)
        {
            foreach (string operation in OperationTable.Names)
            {
                data.Add(backend, operation);
            }
        }

        return data;
    }
}
