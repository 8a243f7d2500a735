using Actors.Gpu.Backend;
using Actors.Gpu.Devices;
using Actors.LoadTests.CommandLine;
using Actors.Tensors;

namespace Actors.LoadTests.Gpu;

/// <summary>Takes the first GPUs of this machine into use, which must reach each other's memory.</summary>
internal static class OpenGpus
{
    /// <summary>Opens them.</summary>
    /// <param name="machine">Has them.</param>
    /// <param name="gpus">How many.</param>
    /// <param name="precision">How rows are stored.</param>
    /// <param name="exchangeMultiprocessors">Multiprocessors that moves of rows take at most; null: all.</param>
    /// <exception cref="UsageException">There are fewer, or they do not reach each other.</exception>
    /// <exception cref="Actors.Gpu.CudaException">A GPU, or a library that it needs, is missing.</exception>
    public static CudaBackend[] First(GpuMachine machine, int gpus, Precision precision, int? exchangeMultiprocessors = null)
    {
        if (gpus > machine.Devices.Count)
        {
            throw new UsageException($"--gpus {gpus}: this machine has {machine.Devices.Count}");
        }

        if (!machine.ReachEachOther([.. Enumerable.Range(0, gpus)]))
        {
            throw new UsageException($"--gpus {gpus}: they do not all reach each other's memory (see actors devices)");
        }

        return CudaBackend.Open([.. machine.Devices.Take(gpus)], precision, exchangeMultiprocessors: exchangeMultiprocessors);
    }
}
