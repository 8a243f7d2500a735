namespace Actors.Gpu.Driver;

/// <summary>What a kernel takes of a multiprocessor.</summary>
/// <param name="Registers">Registers a thread.</param>
/// <param name="LocalBytes">Bytes of local memory a thread: what did not fit into registers.</param>
/// <param name="SharedBytes">Bytes of shared memory a block.</param>
internal sealed record KernelResources(int Registers, int LocalBytes, int SharedBytes);
