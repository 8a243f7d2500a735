namespace Actors.Gpu.Driver;

/// <summary>A kernel that can be launched.</summary>
/// <param name="context">The GPU.</param>
/// <param name="name">Its name in the source.</param>
/// <param name="function">The driver's.</param>
internal sealed unsafe class CudaKernel(CudaContext context, string name, nint function)
{
    /// <summary>Its name in the source.</summary>
    public string Name => name;

    /// <summary>What it takes of a multiprocessor, for the report of resources.</summary>
    public KernelResources Resources => new(
        Attribute(FunctionAttribute.Registers), Attribute(FunctionAttribute.LocalSizeBytes), Attribute(FunctionAttribute.SharedSizeBytes));

    /// <summary>Lets launches ask for so many bytes of shared memory; once, when the kernel is loaded.</summary>
    public CudaKernel WithDynamicShared(int bytes)
    {
        context.Enter();
        context.Check(CudaDriver.cuFuncSetAttribute(function, FunctionAttribute.MostDynamicSharedBytes, bytes));
        return this;
    }

    /// <summary>Blocks that a multiprocessor has room for at once.</summary>
    /// <param name="threads">Threads a block.</param>
    public int ResidentBlocks(int threads)
    {
        context.Enter();
        context.Check(CudaDriver.cuOccupancyMaxActiveBlocksPerMultiprocessor(out int blocks, function, threads, dynamicSharedBytes: 0));
        return blocks;
    }

    /// <summary>Enqueues a launch.</summary>
    /// <param name="queue">Where.</param>
    /// <param name="blocks">Blocks; none launches nothing.</param>
    /// <param name="threads">Threads a block.</param>
    /// <param name="parameters">Addresses of the values of its parameters, in order; read before the call returns.</param>
    /// <param name="sharedBytes">Shared memory of a block beside what its code names.</param>
    public void Launch(CudaQueue queue, LaunchGrid blocks, int threads, ReadOnlySpan<nint> parameters, int sharedBytes = 0)
    {
        if (blocks.IsEmpty)
        {
            return;
        }

        context.Enter();
        fixed (nint* first = parameters)
        {
            CudaStatus status = CudaDriver.cuLaunchKernel(
                function, (uint)blocks.X, (uint)blocks.Y, (uint)blocks.Z, (uint)threads, 1, 1, (uint)sharedBytes, queue.Handle, (void**)first, null);
            if (status != CudaStatus.Success)
            {
                throw CudaCall.Failure(status, context.Device.Number, $"cuLaunchKernel of {name}, {blocks} blocks of {threads} threads");
            }
        }
    }

    private int Attribute(FunctionAttribute attribute)
    {
        context.Enter();
        context.Check(CudaDriver.cuFuncGetAttribute(out int value, attribute, function));
        return value;
    }
}
