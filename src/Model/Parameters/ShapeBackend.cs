using Actors.Tensors;

namespace Actors.Model.Parameters;

/// <summary>A device without memory: the blocks of a model made on it have names and shapes, but no values.</summary>
internal sealed class ShapeBackend : IBackend
{
    /// <inheritdoc/>
    public string Name => "no device (shapes only)";

    /// <inheritdoc/>
    public bool RunsAtOnce => true;

    /// <inheritdoc/>
    public DeviceBuffer Allocate(long bytes) => new ShapeBuffer(bytes);

    /// <inheritdoc/>
    public Weight CreateWeight(int groups, int outputs, int inputs) => new ShapeWeight(groups, outputs, inputs);

    /// <inheritdoc/>
    public IStream CreateStream(string name) => throw new NotSupportedException($"{Name} computes nothing.");

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class ShapeBuffer(long bytes) : DeviceBuffer(0, bytes, isHost: false)
    {
        protected override void Dispose(bool disposing)
        {
        }
    }

    private sealed class ShapeWeight(int groups, int outputs, int inputs) : Weight(groups, outputs, inputs)
    {
        public override Tensor Values { get; } = new(
            new ShapeBuffer((long)groups * outputs * inputs * sizeof(float)), 0, groups * outputs, inputs, inputs, ElementType.Float32);

        protected override void Dispose(bool disposing)
        {
        }
    }
}
