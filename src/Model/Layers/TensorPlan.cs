using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Model.Layers;

/// <summary>Collects shapes first, then takes their tensors from one arena, so that plan and use cannot differ.</summary>
public sealed class TensorPlan
{
    private readonly List<(int Rows, int Columns, ElementType Type, bool OnHost)> _shapes = [];
    private Arena? _arena;
    private int _taken;

    /// <summary>Plans the next tensor.</summary>
    public void Add(int rows, int columns, ElementType type = ElementType.Float32) => Add(rows, columns, type, onHost: false);

    /// <summary>Plans the next tensor, one that the host reads or not.</summary>
    public void Add(int rows, int columns, ElementType type, bool onHost) => _shapes.Add((rows, columns, type, onHost));

    /// <summary>Plans the next tensor, which the host reads.</summary>
    public void AddHost(int rows, int columns, ElementType type = ElementType.Float32) => _shapes.Add((rows, columns, type, true));

    /// <summary>Plans rows in E4M3, their codes and scales.</summary>
    public void AddQuantized(int rows, TileCuts cuts)
    {
        Add(rows, cuts.Length, ElementType.E4M3);
        Add(rows, cuts.Count);
    }

    /// <summary>Plans rows in E5M6, their packs and scales.</summary>
    public void AddPacked(int rows, int columns)
    {
        Add(rows, PackedE5M6.WordsOf(columns), ElementType.Int32);
        Add(rows, TileCuts.Covering(columns));
    }

    /// <summary>Reserves the memory of everything planned; the caller owns the arena.</summary>
    public Arena Allocate(IBackend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        long bytes = 0, hostBytes = 0;
        foreach ((int rows, int columns, ElementType type, bool onHost) in _shapes)
        {
            (onHost ? ref hostBytes : ref bytes) += Arena.Plan(rows, columns, type);
        }

        _arena = new Arena(backend, bytes, hostBytes);
        return _arena;
    }

    /// <summary>The tensors in the order in which they were planned.</summary>
    public Tensor Next()
    {
        (int rows, int columns, ElementType type, _) = _shapes[_taken++];
        return _arena!.Take(rows, columns, type);
    }

    /// <summary>The next two tensors, planned as rows in E4M3.</summary>
    public QuantizedRows NextQuantized(TileCuts cuts) => new(Next(), Next(), cuts);

    /// <summary>The next two tensors, planned as rows in E5M6.</summary>
    public PackedE5M6 NextPacked(int columns) => new(Next(), Next(), columns);

    /// <summary>The next tensor, planned as one that the host reads.</summary>
    public HostTensor NextHost()
    {
        (int rows, int columns, ElementType type, _) = _shapes[_taken++];
        return _arena!.TakeHost(rows, columns, type);
    }
}
