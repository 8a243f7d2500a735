using Actors.Gpu.Operations.Products;
using Actors.Tensors;

namespace Actors.LoadTests.Gpu;

/// <summary>A product that is measured.</summary>
/// <param name="Form">Which.</param>
/// <param name="Type">Of its operands; the result is of that type too, but weight gradients are float32.</param>
/// <param name="Rows">Of x and y.</param>
/// <param name="Outputs">Columns of y.</param>
/// <param name="Inputs">Columns of x.</param>
/// <param name="Groups">Matrices.</param>
internal sealed record ProductShape(ProductForm Form, ElementType Type, int Rows, int Outputs, int Inputs, int Groups = 1)
{
    /// <summary>Rows of a group up to which reading the weights is what takes time.</summary>
    public const int FewRows = 64;

    /// <summary>Multiplications and additions.</summary>
    public double Operations => 2.0 * Rows * Outputs * Inputs;

    /// <summary>Columns of the result.</summary>
    public int ResultColumns => Form == ProductForm.Forward ? Outputs : Inputs;

    /// <summary>Elements of a sum; of all groups where rows are summed over.</summary>
    public int Depth => Form switch
    {
        ProductForm.Forward => Inputs,
        ProductForm.BackwardInput => Outputs,
        _ => Rows,
    };

    /// <summary>How the result is stored.</summary>
    public ElementType ResultType => Form == ProductForm.BackwardWeight ? ElementType.Float32 : Type;

    /// <summary>Shapes of training, large and small, and of decoding.</summary>
    public static IEnumerable<ProductShape> Measured()
    {
        const ElementType Half = ElementType.BFloat16, Full = ElementType.Float32;
        foreach (ProductForm form in Enum.GetValues<ProductForm>())
        {
            yield return new ProductShape(form, Half, 4096, 4096, 7168);
            yield return new ProductShape(form, Half, 8192, 1024, 1024);
            yield return new ProductShape(form, Half, 8192, 5632, 1024);
            yield return new ProductShape(form, Half, 8192, 1024, 2816);
            yield return new ProductShape(form, Half, 32768, 4096, 7168, Groups: 8);
            yield return new ProductShape(form, Half, 65536, 1024, 1024, Groups: 64);
            yield return new ProductShape(form, Half, 65536, 1024, 512, Groups: 64);
            yield return new ProductShape(form, Full, 8192, 1024, 1024);
        }

        foreach (int rows in (int[])[1, 16, FewRows])
        {
            yield return new ProductShape(ProductForm.Forward, Half, rows, 4096, 7168);
            yield return new ProductShape(ProductForm.Forward, Full, rows, 4096, 7168);
        }

        yield return new ProductShape(ProductForm.Forward, Half, 512, 1024, 1024, Groups: 64);
    }

    public override string ToString() => $"{Form} {Type}, {Rows} rows, {Outputs} x {Inputs}{(Groups > 1 ? $", {Groups} groups" : "")}";
}
