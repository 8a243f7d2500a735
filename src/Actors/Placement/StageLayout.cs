using Actors.Model;
using Actors.Runtime.Pipeline;

namespace Actors.Runtime.Placement;

/// <summary>
/// Which layers a stage has: contiguous, so that stages have about equal work (<see cref="LayerDivision"/>). The first stage also has the
/// embedding, the last one the final norm, the output head, and the multi-token-prediction modules, whose layers are numbered behind the model's.
/// </summary>
public sealed class StageLayout
{
    private readonly ModelConfig _config;
    private readonly int[] _firstLayers;

    /// <summary>Divides the layers of a model.</summary>
    /// <param name="config">The model.</param>
    /// <param name="stages">Stages that a micro-batch passes, 1 .. layers.</param>
    /// <exception cref="ArgumentException">There are more stages than layers.</exception>
    public StageLayout(ModelConfig config, int stages)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (stages < 1 || stages > config.Layers)
        {
            throw new ArgumentException($"{config.Layers} layers cannot be divided over {stages} pipeline stages: choose 1 to {config.Layers}.");
        }

        _config = config;
        _firstLayers = LayerDivision.FirstLayers(config, stages);
        Stages = stages;
        MaxLayerCount = Enumerable.Range(0, stages).Max(LayerCount);
    }

    /// <summary>Number of stages.</summary>
    public int Stages { get; }

    /// <summary>Prediction modules of the last stage.</summary>
    public int Modules => _config.PredictLayers;

    /// <summary>The number in the model of a stage's layer.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="layer">Layer of the stage, from 0.</param>
    public int LayerOf(int stage, int layer) => FirstLayer(stage) + layer;

    /// <summary>The prediction module, from 1, that a stage's layer belongs to; 0: it is one of the model.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="layer">Layer of the stage, from 0.</param>
    public int ModuleOf(int stage, int layer) => _config.ModuleOf(LayerOf(stage, layer));

    /// <summary>First layer of a stage.</summary>
    public int FirstLayer(int stage) => _firstLayers[stage];

    /// <summary>Number of layers of a stage, those of modules among them.</summary>
    public int LayerCount(int stage) => FirstLayer(stage + 1) - FirstLayer(stage) + (IsLast(stage) ? Modules : 0);

    /// <summary>The stage of a layer.</summary>
    public int StageOfLayer(int layer)
    {
        int stage = 0;
        while (!IsLast(stage) && layer >= FirstLayer(stage + 1))
        {
            stage++;
        }

        return stage;
    }

    /// <summary>Most layers of a stage, those of modules among them.</summary>
    public int MaxLayerCount { get; }

    /// <summary>A stage's share of the work of a mean stage, by products with parameters (<see cref="ModelWork"/>).</summary>
    /// <param name="stage">The stage.</param>
    public double WorkOf(int stage)
    {
        double end = ModelWork.OfEnd(_config), all = ModelWork.OfFirstLayers(_config, _config.Layers) + end;
        double layers = ModelWork.OfFirstLayers(_config, FirstLayer(stage + 1)) - ModelWork.OfFirstLayers(_config, FirstLayer(stage));
        return (layers + (IsLast(stage) ? end : 0)) * Stages / all;
    }

    /// <summary>Number of the output heads among the parts of the model, behind the embedding (0) and the layers.</summary>
    public int HeadPart => _config.AllLayers + 1;

    /// <summary>Whether a layer of a stage has routed experts.</summary>
    public bool HasExperts(int stage, int layer) => _config.HasExperts(FirstLayer(stage) + layer);

    /// <summary>What a part of the model is called whose number a stage reports in <see cref="StagePlayed.FirstNonFinitePart"/>.</summary>
    public string NameOfPart(int? part) => part switch
    {
        0 => "the embedding",
        null => "the loss",
        _ when part == HeadPart => "the output head",
        _ when part > _config.Layers => $"prediction module {part - _config.Layers}",
        _ => $"layer {part - 1}",
    };

    /// <summary>Whether the stage looks up embeddings: of the tokens, or of those that its prediction modules read.</summary>
    public bool HasEmbedding(int stage) => IsFirst(stage) || (IsLast(stage) && Modules > 0);

    /// <summary>Whether the stage embeds the tokens.</summary>
    public static bool IsFirst(int stage) => stage == 0;

    /// <summary>Whether the stage computes the loss.</summary>
    public bool IsLast(int stage) => stage == Stages - 1;
}
