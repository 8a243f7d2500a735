using Actors.Tensors;

namespace Actors.Cpu;

/// <summary>
/// The elements of any tensor of this backend, all of whose memory is the host's. For the kernels, and for what is bound to this backend:
/// what works through <see cref="IBackend"/> reads a <see cref="HostTensor"/>, or downloads.
/// </summary>
public static class HostElements
{
    /// <summary>The elements of a contiguous view.</summary>
    /// <typeparam name="T">A type of the element's size.</typeparam>
    public static Span<T> AsSpan<T>(this Tensor tensor)
        where T : unmanaged => new HostTensor(tensor).AsSpan<T>();

    /// <summary>One row.</summary>
    /// <typeparam name="T">A type of the element's size.</typeparam>
    /// <param name="tensor">The view.</param>
    /// <param name="row">Row number, from 0.</param>
    public static Span<T> RowSpan<T>(this Tensor tensor, int row)
        where T : unmanaged => new HostTensor(tensor).RowSpan<T>(row);
}
