using Actors.Gpu.Driver;
using Actors.Gpu.Operations;
using Actors.Gpu.Operations.Products;
using Actors.Tensors;
using Actors.Tensors.Operations.Checks;

namespace Actors.Gpu.Backend;

/// <summary>A queue of operations on a GPU. A part of the class a family of operations; each checks shapes and launches kernels.</summary>
internal sealed partial class CudaStream : IStream
{
    private readonly CudaBackend _device;
    private readonly CudaOperations _kernels;
    private readonly CompletionList _completions;
    private readonly UploadRing _uploads;
    private readonly CudaScratch _scratch, _roundedRows, _counters;
    private readonly DenseProducts _denseProducts;
    private bool _isRecording;

    public CudaStream(CudaBackend device, string name, bool isUrgent)
    {
        Name = name;
        _device = device;
        _kernels = device.Kernels;
        Queue = new CudaQueue(device.Context, isUrgent, device.MultiprocessorsOf(isUrgent));
        _completions = device.Completions.Open(Queue);
        _uploads = new UploadRing(Queue);
        _scratch = new CudaScratch(device.Context);
        _roundedRows = new CudaScratch(device.Context);
        _counters = new CudaScratch(device.Context, Queue);
        _denseProducts = new DenseProducts(Queue);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The driver's stream.</summary>
    internal CudaQueue Queue { get; }

    private static ShapeChecks Checks => ShapeChecks.Device;

    /// <inheritdoc/>
    public void Record(StreamMark mark)
    {
        RefuseInRecording();
        Queue.Record(((CudaStreamMark)mark).Mark);
    }

    /// <inheritdoc/>
    public void Wait(StreamMark mark)
    {
        RefuseInRecording();
        Queue.Wait(((CudaStreamMark)mark).Mark);
    }

    /// <inheritdoc/>
    public void BeginRecording()
    {
        RefuseInRecording();
        Queue.BeginCapture();
        _isRecording = true;
    }

    /// <inheritdoc/>
    public RecordedWork EndRecording()
    {
        _isRecording = false;
        return new CudaRecording(Queue.EndCapture());
    }

    /// <inheritdoc/>
    public void Play(RecordedWork work)
    {
        RefuseInRecording();
        Queue.Launch(((CudaRecording)work).Graph);
    }

    /// <inheritdoc/>
    public void Notify(IStreamCompletion completion)
    {
        ArgumentNullException.ThrowIfNull(completion);
        RefuseInRecording();
        _completions.Add(completion);
    }

    /// <summary>Enqueues a copy from memory of the host to an address of the GPU; the source may change when the call returns.</summary>
    internal void Upload(ReadOnlySpan<byte> source, nuint to)
    {
        RefuseInRecording();
        _uploads.Copy(source, to);
    }

    /// <summary>A GPU fetches nothing ahead.</summary>
    public void Expect(Tensor tensor)
    {
    }

    /// <inheritdoc cref="Expect"/>
    public void ExpectLinear(Weight weight)
    {
    }

    /// <inheritdoc cref="Expect"/>
    public void ExpectLinearBackwardInput(Weight weight)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isRecording)
        {
            EndRecording().Dispose();
        }

        Queue.Drain();
        _device.Completions.Close(_completions);
        _uploads.Dispose();
        _scratch.Dispose();
        _roundedRows.Dispose();
        _counters.Dispose();
        _denseProducts.Dispose();
        Queue.Dispose();
    }

    /// <summary>A graph runs again with the addresses of its first time: what the host brings or waits for has no place in it.</summary>
    private void RefuseInRecording()
    {
        if (_isRecording)
        {
            throw new InvalidOperationException($"Stream {Name} records, and operations of its own alone can be recorded.");
        }
    }
}
