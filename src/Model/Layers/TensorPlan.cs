using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>Collects shapes first, then takes their tensors from one arena, so that plan and use cannot differ.</summary>
public sealed class TensorPlan
{
    private readonly List<(int Rows, int Columns, ElementType Type)> _shapes = [];
    private Arena? _arena;
    private int _taken;

    /// <summary>Plans the next tensor.</summary>
    public void Add(int rows, int columns, ElementType type = ElementType.Float32) => _shapes.Add((rows, columns, type));

    /// <summary>Reserves the memory of everything planned; the caller owns the arena.</summary>
    public Arena Allocate(IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        long bytes = 0;
        foreach ((int rows, int columns, ElementType type) in _shapes)
        {
            bytes += Arena.Plan(rows, columns, type);
        }

        _arena = new Arena(backend, bytes);
        return _arena;
    }

    /// <summary>The tensors in the order in which they were planned.</summary>
    public Tensor Next()
    {
        (int rows, int columns, ElementType type) = _shapes[_taken++];
        return _arena!.Take(rows, columns, type);
    }
}
