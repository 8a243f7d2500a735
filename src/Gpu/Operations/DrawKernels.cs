using Actors.Gpu.Driver;

namespace Actors.Gpu.Operations;

/// <summary>Drawing of tokens on a GPU: a block a row.</summary>
/// <param name="library">Has the kernels.</param>
internal sealed unsafe class DrawKernels(KernelLibrary library)
{
    /// <summary>Mirrors draw_tokens.cu.</summary>
    private const int Threads = 1024;

    private readonly CudaKernel _draw = library.Kernel("draw_tokens", "draw_tokens");

    /// <summary>Bytes of scratch: a weight a token.</summary>
    public static long ScratchBytes(int rows, int vocabulary) => (long)rows * vocabulary * sizeof(ulong);

    /// <summary>Draws.</summary>
    /// <param name="queue">Where it is enqueued.</param>
    /// <param name="logits">Float32 (rows, vocabulary).</param>
    /// <param name="rows">How many.</param>
    /// <param name="vocabulary">Tokens.</param>
    /// <param name="slots">Address of int32 (rows).</param>
    /// <param name="draws">Address of a <see cref="Tensors.Operations.TokenDraw"/> a slot.</param>
    /// <param name="tokens">Address of int32 (rows).</param>
    /// <param name="scratch">Address of <see cref="ScratchBytes"/>.</param>
    public void Draw(CudaQueue queue, RowView logits, int rows, int vocabulary, nuint slots, nuint draws, nuint tokens, nuint scratch) => _draw.Launch(
        queue, rows, Threads, [(nint)(&logits), (nint)(&vocabulary), (nint)(&slots), (nint)(&draws), (nint)(&scratch), (nint)(&tokens)]);
}
