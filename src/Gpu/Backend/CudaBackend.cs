using Actors.Gpu.Compiling;
using Actors.Gpu.Devices;
using Actors.Gpu.Driver;
using Actors.Gpu.Operations;
using Actors.Gpu.Operations.Products;
using Actors.Tensors;

namespace Actors.Gpu.Backend;

/// <summary>
/// An NVIDIA GPU. All ranks of a process that compute on it share its context and its kernels, which are read or compiled when it is made, so that no step
/// waits for a compiler.
/// </summary>
public sealed class CudaBackend : IBackend
{
    private readonly CudaContext _context;
    private readonly KernelLibrary _library;
    private readonly int? _exchangeMultiprocessors;

    /// <summary>Takes a GPU into use.</summary>
    /// <param name="device">The GPU, of <see cref="GpuMachine.Read"/>.</param>
    /// <param name="precision">How rows are stored; null: in float32.</param>
    /// <param name="isGeneral">Whether the path that every card from sm_80 has is taken also where this card has its own.</param>
    /// <param name="kernels">Folder of kernels that were made ahead; null: <c>kernels</c> beside the program, where that is one.</param>
    /// <param name="exchangeMultiprocessors">
    /// Multiprocessors that moves of rows in urgent streams take at most, half of the GPU's in any case, and that products of other streams leave free; null: moves
    /// take all, and products leave none.
    /// </param>
    /// <exception cref="CudaException">The GPU or a library cannot be used; the message says what to do.</exception>
    public CudaBackend(GpuDevice device, Precision? precision = null, bool isGeneral = false, string? kernels = null, int? exchangeMultiprocessors = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        Precision = precision ?? Precision.Float32;
        Name = $"cuda ({device.Name})";
        _context = new CudaContext(device);
        _exchangeMultiprocessors = exchangeMultiprocessors is { } wanted ? Math.Clamp(wanted, 1, Math.Max(1, device.Multiprocessors / 2)) : null;
        _library = new KernelLibrary(_context, CubinStore.Of(KernelTarget.Of(device.Architecture, isGeneral), KernelFolder.Find(kernels)));
        _library.CompileAll();
        Kernels = new CudaOperations(_library);
        Completions = new CompletionPoller(_context);
    }

    /// <summary>Takes several GPUs into use, each of which reads and writes the memory of those that it is linked to (<see cref="GpuMachine.Links"/>).</summary>
    /// <param name="devices">The GPUs, of <see cref="GpuMachine.Read"/>.</param>
    /// <param name="precision">How rows are stored; null: in float32.</param>
    /// <param name="isGeneral">Whether the path that every card from sm_80 has is taken also where a card has its own.</param>
    /// <param name="kernels">Folder of kernels that were made ahead; null: <c>kernels</c> beside the program, where that is one.</param>
    /// <param name="exchangeMultiprocessors">
    /// Multiprocessors that moves of rows in urgent streams take at most, half of the GPU's in any case, and that products of other streams leave free; null: moves
    /// take all, and products leave none.
    /// </param>
    /// <exception cref="CudaException">A GPU or a library cannot be used; the message says what to do.</exception>
    public static CudaBackend[] Open(IReadOnlyList<GpuDevice> devices, Precision? precision = null, bool isGeneral = false, string? kernels = null, int? exchangeMultiprocessors = null)
    {
        ArgumentNullException.ThrowIfNull(devices);
        var backends = new CudaBackend[devices.Count];
        try
        {
            for (int i = 0; i < backends.Length; i++)
            {
                backends[i] = new CudaBackend(devices[i], precision, isGeneral, kernels, exchangeMultiprocessors);
                for (int other = 0; other < i; other++)
                {
                    Reach(backends[i], backends[other]);
                    Reach(backends[other], backends[i]);
                }
            }
        }
        catch
        {
            Array.ForEach(backends, static backend => backend?.Dispose());
            throw;
        }

        return backends;

        static void Reach(CudaBackend from, CudaBackend to)
        {
            if (GpuMachine.LinkOf(from._context.Device.Number, to._context.Device.Number) != GpuLink.ThroughHost)
            {
                from._context.Reach(to._context);
            }
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool RunsAtOnce => false;

    /// <summary>What its streams launch.</summary>
    internal CudaOperations Kernels { get; }

    internal CudaContext Context => _context;

    /// <summary>Tells when work has run.</summary>
    internal CompletionPoller Completions { get; }

    /// <summary>Multiprocessors that a stream's launches fill at most; null: all.</summary>
    internal int? MultiprocessorsOf(bool isUrgent) => isUrgent ? _exchangeMultiprocessors : _context.Device.Multiprocessors - _exchangeMultiprocessors;

    /// <inheritdoc/>
    public DeviceBuffer Allocate(long bytes) => CudaBuffer.OnDevice(_context, bytes);

    /// <inheritdoc/>
    public DeviceBuffer AllocateHost(long bytes) => CudaBuffer.OnHost(_context, bytes);

    /// <inheritdoc/>
    public DeviceBuffer ImportHost(DeviceBuffer memory) => CudaBuffer.OfHost(_context, memory);

    /// <inheritdoc/>
    public Weight CreateWeight(int groups, int outputs, int inputs) => new CudaWeight(_context, groups, outputs, inputs);

    /// <inheritdoc/>
    public long WeightBytes(int groups, int outputs, int inputs, bool trains) => CudaWeight.BytesOf(groups, outputs, inputs)
        + (Precision.Rows == ElementType.BFloat16 ? RowRounding.BytesOf(checked(groups * outputs), inputs) : 0);

    /// <inheritdoc/>
    public Precision Precision { get; }

    /// <inheritdoc/>
    public long? FreeBytes => _context.FreeBytes();

    /// <inheritdoc/>
    public long TotalBytes => _context.Device.MemoryBytes;

    /// <inheritdoc/>
    public long StreamBytes => DenseProducts.WorkspaceBytes + SplitSums.MostBytes;

    /// <inheritdoc/>
    public bool OrdersStreams => true;

    /// <inheritdoc/>
    public StreamMark CreateMark(bool isTimed = false) => new CudaStreamMark(_context, isTimed);

    /// <inheritdoc/>
    public ExchangeFlags CreateFlags(IReadOnlyList<IBackend> devices, int tokens, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(devices);
        return new CudaFlags([.. devices.Select(device => ((CudaBackend)device)._context)], tokens, limit);
    }

    /// <inheritdoc/>
    public IStream CreateStream(string name, bool isUrgent = false) => new CudaStream(this, name, isUrgent);

    /// <inheritdoc/>
    public void Dispose()
    {
        Completions.Dispose();
        _library.Dispose();
        _context.Dispose();
    }
}
