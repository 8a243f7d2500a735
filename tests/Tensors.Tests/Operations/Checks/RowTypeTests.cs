using System.Globalization;
using Actors.Tensors.Operations;
using Actors.Tensors.Operations.Checks;

namespace Actors.Tensors.Tests.Operations.Checks;

/// <summary>
/// A device reads all rows of an operation as it reads the first: rows of another type among them are refused before a kernel reads past their end. Products
/// take rows and results of two types.
/// </summary>
public sealed class RowTypeTests : IDisposable
{
    private const int Rows = 2, Columns = 4;
    private static readonly AttentionShape Attention = new(1, 2, 2, 2, 1f);

    /// <summary>An operation on tensors that <c>rows</c> makes: it is given how many columns they have and in which order they were asked for.</summary>
    private static readonly Dictionary<string, (int Tensors, Action<RowTypeTests, Func<int, Tensor>> Check)> Alike = new()
    {
        ["Add"] = (3, (_, rows) => ShapeChecks.Device.Add(rows(Columns), rows(Columns), rows(Columns))),
        ["Add of three"] = (4, (_, rows) => ShapeChecks.Device.Add(rows(Columns), rows(Columns), rows(Columns), rows(Columns))),
        ["SwiGlu"] = (2, (_, rows) => ShapeChecks.Device.SwiGlu(rows(2 * Columns), rows(Columns), live: default)),
        ["SwiGluBackward"] = (4, (_, rows) => ShapeChecks.Device.SwiGluBackward(rows(2 * Columns), rows(Columns), default, rows(2 * Columns), rows(Columns), default, live: default)),
        ["RmsNorm"] = (2, (test, rows) => ShapeChecks.Device.RmsNorm(rows(Columns), test.Floats(1, Columns), rows(Columns), default)),
        ["RmsNormBackward"] = (4, (test, rows) => ShapeChecks.Device.RmsNormBackward(
            rows(Columns), rows(Columns), test.Floats(1, Columns), test.Floats(1, Rows), rows(Columns), test.Floats(1, Columns), rows(Columns))),
        ["CrossEntropy"] = (2, (test, rows) => ShapeChecks.Device.CrossEntropy(rows(Columns), test.Numbers(1, Rows), test.Floats(1, Rows), rows(Columns))),
        ["Attention"] = (4, (test, rows) => ShapeChecks.Device.Attention("Attention", rows(4), rows(4), rows(2), test.Numbers(1, 2), Attention, rows(2), default)),
        ["AttentionBackward"] = (8, (test, rows) => ShapeChecks.Device.AttentionBackward(
            rows(2), rows(4), rows(4), rows(2), rows(2), test.Floats(Rows, 1), test.Numbers(1, 2), Attention, rows(4), rows(4), rows(2))),
        ["LatentAttention"] = (3, (test, rows) => ShapeChecks.Device.LatentAttention(
            rows(4), test.Matrix(outputs: 4, inputs: 3), rows(5), test.Numbers(1, Rows), test.Numbers(1, Rows), Attention, rows(2))),
    };

    private readonly SplitBackend _device = new();
    private readonly List<DeviceBuffer> _buffers = [];

    public void Dispose() => _buffers.ForEach(buffer => buffer.Dispose());

    public static TheoryData<string> Operations() => [.. Alike.Keys];

    [Theory]
    [MemberData(nameof(Operations))]
    public void Rows_of_one_type_are_taken_and_each_one_of_another_is_refused(string operation)
    {
        (int tensors, Action<RowTypeTests, Func<int, Tensor>> check) = Alike[operation];
        check(this, columns => Tensor(Rows, columns, ElementType.Float32));
        check(this, columns => Tensor(Rows, columns, ElementType.BFloat16));

        for (int odd = 0; odd < tensors; odd++)
        {
            int made = 0;
            string message = Assert.Throws<TensorShapeException>(
                () => check(this, columns => Tensor(Rows, columns, made++ == odd ? ElementType.Float32 : ElementType.BFloat16))).Message;

            Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{operation.Split(' ')[0]}: rows are "), message, StringComparison.Ordinal);
            Assert.EndsWith(", expected one element type.", message, StringComparison.Ordinal);
            Assert.Equal(tensors, made);
        }
    }

    [Fact]
    public void A_product_has_operands_and_results_of_two_types_and_adds_what_is_of_the_results()
    {
        Weight weight = Matrix(outputs: 3, inputs: Columns);
        Tensor x = Tensor(Rows, Columns, ElementType.BFloat16), y = Floats(Rows, 3);
        ShapeChecks.Device.Linear("Linear", x, weight, y, Floats(Rows, 3), result: y);
        ShapeChecks.Device.LinearBackwardWeight(y, x, Floats(3, Columns));

        string message = Assert.Throws<TensorShapeException>(
            () => ShapeChecks.Device.Linear("Linear", x, weight, y, Tensor(Rows, 3, ElementType.BFloat16), result: y)).Message;

        Assert.Equal("Linear: rows are Float32[2, 3] and BFloat16[2, 3], expected one element type.", message);
    }

    private ValuesWeight Matrix(int outputs, int inputs) => new(Floats(outputs, inputs));

    private Tensor Floats(int rows, int columns) => Tensor(rows, columns, ElementType.Float32);

    private Tensor Numbers(int rows, int columns) => Tensor(rows, columns, ElementType.Int32);

    private Tensor Tensor(int rows, int columns, ElementType type)
    {
        DeviceBuffer buffer = _device.Allocate((long)rows * columns * type.SizeInBytes());
        _buffers.Add(buffer);
        return new Tensor(buffer, 0, rows, columns, columns, type);
    }

    private sealed class ValuesWeight(Tensor values) : Weight(1, values.Rows, values.Columns)
    {
        public override Tensor Values => values;

        protected override void Dispose(bool disposing)
        {
        }
    }
}
