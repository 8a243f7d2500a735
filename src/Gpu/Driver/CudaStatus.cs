namespace Actors.Gpu.Driver;

/// <summary>What a call of the driver returns (CUresult); the driver itself knows the names of all others.</summary>
internal enum CudaStatus
{
    /// <summary>It worked.</summary>
    Success = 0,

    /// <summary>No memory is left.</summary>
    OutOfMemory = 2,

    /// <summary>The driver has no GPU.</summary>
    NoDevice = 100,

    /// <summary>Work is still under way: the answer to a question, no failure.</summary>
    NotReady = 600,

    /// <summary>A GPU reaches the other's memory already.</summary>
    PeerAccessAlreadyEnabled = 704,

    /// <summary>The library is older than the driver's kernel module, or the other way round.</summary>
    SystemDriverMismatch = 803,
}
