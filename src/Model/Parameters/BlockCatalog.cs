using Actors.Model.Placement;

namespace Actors.Model.Parameters;

/// <summary>
/// The blocks of a whole model whose experts are placed: a block's number is its place in the model's order. A part holds some of them
/// and finds their numbers here, so that a number means the same wherever the values lie.
/// </summary>
public sealed class BlockCatalog
{
    private readonly string[] _names;
    private readonly Dictionary<string, int> _numbers;

    /// <summary>Numbers the blocks of a model.</summary>
    public BlockCatalog(ModelConfig config, ExpertPlacement placement)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(placement);
        using var shapes = new ShapeBackend();
        using var whole = new ModelWeights(shapes, config, ModelPart.Whole(config, placement));
        _names = [.. whole.Blocks.Select(block => block.Name)];
        _numbers = _names.Select((name, number) => (name, number)).ToDictionary(entry => entry.name, entry => entry.number, StringComparer.Ordinal);
    }

    /// <summary>Number of blocks.</summary>
    public int Count => _names.Length;

    /// <summary>Name of a block, for messages.</summary>
    public string NameOf(int number) => _names[number];

    /// <summary>Whether a block is one of the model: a part may hold prediction modules that a model that serves leaves out.</summary>
    public bool Contains(ParameterBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        return _numbers.ContainsKey(block.Name);
    }

    /// <summary>Number of a block that a part holds.</summary>
    public int NumberOf(ParameterBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        return _numbers[block.Name];
    }
}
