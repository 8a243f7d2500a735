using Actors.Tensors;
using Actors.Tests.Support;

namespace Actors.Parity.Tests;

/// <summary>A backend that all tests share, since to make it takes long: it is not freed.</summary>
internal sealed class KeptBackend(IBackend inner) : WrappedBackend(inner)
{
    protected override void Dispose(bool disposing)
    {
    }
}
