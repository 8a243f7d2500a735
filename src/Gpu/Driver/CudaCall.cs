using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Actors.Gpu.Driver;

/// <summary>Checks what calls of the driver return.</summary>
internal static unsafe class CudaCall
{
    /// <summary>Throws unless the call worked.</summary>
    /// <param name="status">What it returned.</param>
    /// <param name="device">The GPU's number; negative: none is concerned.</param>
    /// <param name="call">The call as written; its name is taken.</param>
    /// <exception cref="CudaException">It names call, device, status and meaning.</exception>
    public static void Check(CudaStatus status, int device = -1, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != CudaStatus.Success)
        {
            throw Failure(status, device, NameOf(call));
        }
    }

    /// <summary>The failure of a call.</summary>
    public static CudaException Failure(CudaStatus status, int device, string call)
    {
        string where = device < 0 ? "" : $" on GPU {device}";
        string advice = status switch
        {
            CudaStatus.OutOfMemory => "; another program may hold its memory (nvidia-smi), or use a smaller model, batch or sequence",
            CudaStatus.NoDevice => "; is the card seen by nvidia-smi, and is CUDA_VISIBLE_DEVICES empty?",
            CudaStatus.SystemDriverMismatch => "; the driver was updated: restart the machine",
            _ => "",
        };
        return new CudaException($"{call}{where}: {Describe(status)}{advice}") { Status = status };
    }

    private static string Describe(CudaStatus status)
    {
        bool isKnown = CudaDriver.cuGetErrorName(status, out byte* name) == CudaStatus.Success
            & CudaDriver.cuGetErrorString(status, out byte* text) == CudaStatus.Success;
        return isKnown ? $"{Marshal.PtrToStringUTF8((nint)name)}, {Marshal.PtrToStringUTF8((nint)text)}" : $"status {(int)status}";
    }

    private static string NameOf(string call)
    {
        string head = call[..(call.IndexOf('(', StringComparison.Ordinal) is >= 0 and var end ? end : call.Length)];
        return head[(head.LastIndexOf('.') + 1)..];
    }
}
