namespace Actors.Gpu;

/// <summary>A call of CUDA failed, or something that it needs is missing. The message names call, device and meaning, or what to install.</summary>
public sealed class CudaException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">One line.</param>
    /// <param name="inner">The cause, where there is one.</param>
    public CudaException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>What the driver returned; success where the failure is none of its.</summary>
    internal Driver.CudaStatus Status { get; init; }
}
