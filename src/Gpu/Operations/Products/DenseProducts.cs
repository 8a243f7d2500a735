using Actors.Gpu.Backend;
using Actors.Gpu.Driver;
using Actors.Gpu.Libraries;

namespace Actors.Gpu.Operations.Products;

/// <summary>
/// Dense products of bfloat16 by cuBLASLt, for one queue. Its algorithms differ with the number of rows and may split sums, so that a row's bits depend on how
/// many rows stand beside it; products of float32, for which that is not allowed, never come here.
/// </summary>
/// <param name="queue">Where they are enqueued.</param>
internal sealed class DenseProducts(CudaQueue queue) : IDisposable
{
    /// <summary>Memory that algorithms of a queue use.</summary>
    public const long WorkspaceBytes = 32L << 20;

    /// <summary>Shapes that are kept: what decoding and training of one model need, many times over.</summary>
    private const int MostPlans = 4096;

    private readonly Dictionary<DenseShape, DensePlan> _plans = [];
    private readonly CudaScratch _addends = new(queue.Context);
    private DeviceMemory? _workspace;
    private nint _library;
    private bool _isMissing;

    /// <summary>Enqueues a product.</summary>
    /// <returns>False: the library is missing or does not take the product, and nothing was enqueued.</returns>
    public bool TryMultiply(ProductForm form, Product product)
    {
        if (product.Depth == 0 || !DenseShape.IsAligned(product) || !IsOpen())
        {
            return false;
        }

        var shape = DenseShape.Of(form, product);
        if (!_plans.TryGetValue(shape, out DensePlan? plan))
        {
            if (_plans.Count == MostPlans)
            {
                Forget();
            }

            queue.Context.Enter();
            plan = new DensePlan(_library, shape, WorkspaceBytes, queue.SharesGpu ? queue.Multiprocessors : null);
            _plans.Add(shape, plan);
        }

        if (!plan.IsPossible)
        {
            return false;
        }

        queue.Context.Enter();
        return plan.TryEnqueue(queue, product with { Addend = AddendOf(product) }, _workspace!.Address, WorkspaceBytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Forget();
        _workspace?.Dispose();
        _addends.Dispose();
        if (_library != 0)
        {
            queue.Context.Enter();
            DensePlan.Check(CublasLt.cublasLtDestroy(_library), "cublasLtDestroy");
            _library = 0;
        }
    }

    /// <summary>
    /// What is added: elsewhere where it is the result in bfloat16, since the library adds in place by rounding the product first, and the sum once more.
    /// </summary>
    private RowView AddendOf(Product product)
    {
        RowView addend = product.Addend;
        if (addend.Data == 0 || addend.Data != product.Result.Data || product.ResultIsFloat32 != 0)
        {
            return addend;
        }

        long bytes = (((product.Rows - 1L) * addend.Stride) + product.Columns) * sizeof(ushort);
        nuint copy = _addends.Take(bytes);
        queue.Copy(copy, addend.Data, bytes);
        return addend with { Data = copy };
    }

    private bool IsOpen()
    {
        if (_library != 0 || _isMissing)
        {
            return !_isMissing;
        }

        try
        {
            CudaLibraries.Load(CudaLibrary.Products);
        }
        catch (CudaException)
        {
            // The kernels of this project multiply everything, if more slowly.
            _isMissing = true;
            return false;
        }

        queue.Context.Enter();
        DensePlan.Check(CublasLt.cublasLtCreate(out _library), "cublasLtCreate");
        _workspace = CudaMemory.Device(queue.Context, WorkspaceBytes);
        return true;
    }

    private void Forget()
    {
        foreach (DensePlan plan in _plans.Values)
        {
            plan.Dispose();
        }

        _plans.Clear();
    }
}
