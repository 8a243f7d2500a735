using System.Runtime.InteropServices;

namespace Actors.Gpu.Driver;

/// <summary>
/// The calls of the driver API that are used, as <c>cuda.h</c> of CUDA 12 declares them; versions 12 and 13 export them all. Every status goes through
/// <see cref="CudaCall"/>.
/// </summary>
internal static unsafe partial class CudaDriver
{
    private const string Library = "cuda";

    [LibraryImport(Library)]
    public static partial CudaStatus cuInit(uint flags);

    [LibraryImport(Library)]
    public static partial CudaStatus cuDriverGetVersion(out int version);

    [LibraryImport(Library)]
    public static partial CudaStatus cuGetErrorName(CudaStatus status, out byte* name);

    [LibraryImport(Library)]
    public static partial CudaStatus cuGetErrorString(CudaStatus status, out byte* text);

    [LibraryImport(Library)]
    public static partial CudaStatus cuDeviceGetCount(out int count);

    [LibraryImport(Library)]
    public static partial CudaStatus cuDeviceGet(out int device, int ordinal);

    [LibraryImport(Library)]
    public static partial CudaStatus cuDeviceGetName(byte* name, int length, int device);

    [LibraryImport(Library)]
    public static partial CudaStatus cuDeviceGetPCIBusId(byte* name, int length, int device);

    [LibraryImport(Library)]
    public static partial CudaStatus cuDeviceTotalMem_v2(out nuint bytes, int device);

    [LibraryImport(Library)]
    public static partial CudaStatus cuDeviceGetAttribute(out int value, DeviceAttribute attribute, int device);

    [LibraryImport(Library)]
    public static partial CudaStatus cuDeviceGetP2PAttribute(out int value, PeerAttribute attribute, int from, int to);

    [LibraryImport(Library)]
    public static partial CudaStatus cuDevicePrimaryCtxRetain(out nint context, int device);

    [LibraryImport(Library)]
    public static partial CudaStatus cuDevicePrimaryCtxRelease_v2(int device);

    [LibraryImport(Library)]
    public static partial CudaStatus cuCtxSetCurrent(nint context);

    [LibraryImport(Library)]
    public static partial CudaStatus cuCtxEnablePeerAccess(nint peer, uint flags);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemAlloc_v2(out nuint address, nuint bytes);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemGetInfo_v2(out nuint free, out nuint total);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemFree_v2(nuint address);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemHostAlloc(out nint address, nuint bytes, uint flags);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemFreeHost(nint address);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemHostRegister_v2(nint address, nuint bytes, uint flags);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemHostGetDevicePointer_v2(out nuint device, nint address, uint flags);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemHostUnregister(nint address);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemcpyAsync(nuint to, nuint from, nuint bytes, nint stream);

    [LibraryImport(Library)]
    public static partial CudaStatus cuMemsetD8Async(nuint address, byte value, nuint bytes, nint stream);

    [LibraryImport(Library)]
    public static partial CudaStatus cuStreamCreateWithPriority(out nint stream, uint flags, int priority);

    [LibraryImport(Library)]
    public static partial CudaStatus cuStreamDestroy_v2(nint stream);

    [LibraryImport(Library)]
    public static partial CudaStatus cuStreamSynchronize(nint stream);

    [LibraryImport(Library)]
    public static partial CudaStatus cuStreamQuery(nint stream);

    [LibraryImport(Library)]
    public static partial CudaStatus cuStreamWaitEvent(nint stream, nint mark, uint flags);

    [LibraryImport(Library)]
    public static partial CudaStatus cuStreamWriteValue32_v2(nint stream, nuint address, uint value, uint flags);

    [LibraryImport(Library)]
    public static partial CudaStatus cuStreamBeginCapture_v2(nint stream, uint mode);

    [LibraryImport(Library)]
    public static partial CudaStatus cuStreamEndCapture(nint stream, out nint graph);

    [LibraryImport(Library)]
    public static partial CudaStatus cuGraphInstantiateWithFlags(out nint executable, nint graph, ulong flags);

    [LibraryImport(Library)]
    public static partial CudaStatus cuGraphLaunch(nint executable, nint stream);

    [LibraryImport(Library)]
    public static partial CudaStatus cuGraphExecDestroy(nint executable);

    [LibraryImport(Library)]
    public static partial CudaStatus cuGraphDestroy(nint graph);

    [LibraryImport(Library)]
    public static partial CudaStatus cuEventSynchronize(nint mark);

    [LibraryImport(Library)]
    public static partial CudaStatus cuFuncSetAttribute(nint function, FunctionAttribute attribute, int value);

    [LibraryImport(Library)]
    public static partial CudaStatus cuEventCreate(out nint mark, uint flags);

    [LibraryImport(Library)]
    public static partial CudaStatus cuEventRecord(nint mark, nint stream);

    [LibraryImport(Library)]
    public static partial CudaStatus cuEventElapsedTime(out float milliseconds, nint begin, nint end);

    [LibraryImport(Library)]
    public static partial CudaStatus cuEventDestroy_v2(nint mark);

    [LibraryImport(Library)]
    public static partial CudaStatus cuModuleLoadData(out nint module, byte* image);

    [LibraryImport(Library)]
    public static partial CudaStatus cuModuleUnload(nint module);

    [LibraryImport(Library)]
    public static partial CudaStatus cuModuleGetFunction(out nint function, nint module, byte* name);

    [LibraryImport(Library)]
    public static partial CudaStatus cuFuncGetAttribute(out int value, FunctionAttribute attribute, nint function);

    [LibraryImport(Library)]
    public static partial CudaStatus cuOccupancyMaxActiveBlocksPerMultiprocessor(out int blocks, nint function, int threads, nuint dynamicSharedBytes);

    [LibraryImport(Library)]
    public static partial CudaStatus cuLaunchKernel(
        nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, nint stream, void** parameters, void** extra);

    [LibraryImport(Library)]
    public static partial CudaStatus cuTensorMapEncodeTiled(
        TensorMap* map, int type, uint rank, nuint address, ulong* sizes, ulong* strides, uint* box, uint* steps, int interleave, int swizzle, int promotion, int fill);
}
