using Actors.Model;
using Actors.Runtime.Placement;
using Actors.Runtime.Tests.Training;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Runtime.Tests.Placement;

/// <summary>How layers are divided over stages.</summary>
public sealed class StageLayoutTests
{
    [Fact]
    public void No_division_has_a_largest_stage_with_less_work() => Prop.ForAll(Models().ToArbitrary(), static drawn =>
    {
        (ModelConfig model, int stages) = drawn;
        var layout = new StageLayout(model, stages);

        Assert.Equal(0, layout.FirstLayer(0));
        Assert.Equal(model.Layers, layout.FirstLayer(stages));
        Assert.All(Enumerable.Range(0, stages), stage => Assert.True(layout.FirstLayer(stage) < layout.FirstLayer(stage + 1)));
        Assert.Equal(stages, Enumerable.Range(0, stages).Sum(layout.WorkOf), 9);
        double mean = (ModelWork.OfFirstLayers(model, model.Layers) + ModelWork.OfEnd(model)) / stages;
        double largest = Enumerable.Range(0, stages).Max(layout.WorkOf);
        Assert.Equal(1, largest / (LeastOfLargest(model, 0, stages) / mean), 9);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, "14 x 4, 1 x 3, 1 x 2")]
    [InlineData(1, "15 x 4, 1 x 1")]
    public void The_published_model_has_fewer_layers_where_its_head_and_module_are(int modules, string expected)
    {
        var layout = new StageLayout(Published(modules), 16);

        int[] counts = [.. Enumerable.Range(0, 16).Select(stage => layout.FirstLayer(stage + 1) - layout.FirstLayer(stage))];
        Assert.Equal(expected, string.Join(", ", counts.GroupBy(count => count).Select(group => $"{group.Count()} x {group.Key}")));
        Assert.Equal(4, layout.MaxLayerCount);
    }

    [Fact]
    public void Layers_without_number_are_divided_at_once()
    {
        ModelConfig model = Published(1) with { Layers = int.MaxValue - 1 };
        var layout = new StageLayout(model, 64);

        Assert.InRange(Enumerable.Range(0, 64).Max(layout.WorkOf), 1, 1.000001);
    }

    /// <summary>By trying every place of the next cut.</summary>
    private static double LeastOfLargest(ModelConfig model, int first, int stages)
    {
        double before = ModelWork.OfFirstLayers(model, first);
        if (stages == 1)
        {
            return ModelWork.OfFirstLayers(model, model.Layers) - before + ModelWork.OfEnd(model);
        }

        return Enumerable.Range(first + 1, model.Layers - first - stages + 1)
            .Min(next => Math.Max(ModelWork.OfFirstLayers(model, next) - before, LeastOfLargest(model, next, stages - 1)));
    }

    private static Gen<(ModelConfig Model, int Stages)> Models() =>
        from layers in Gen.Choose(1, 11)
        from stages in Gen.Choose(1, layers)
        from dense in Gen.Choose(0, layers)
        from inner in Gen.Choose(1, 4000)
        from vocabulary in Gen.Choose(1, 3000)
        from modules in Gen.Choose(0, 2)
        select (TestModels.Small(layers: layers, denseLayers: dense) with { IntermediateSize = inner, VocabularySize = vocabulary, PredictLayers = modules }, stages);

    private static ModelConfig Published(int modules) => new()
    {
        VocabularySize = 129_280,
        HiddenSize = 7_168,
        IntermediateSize = 18_432,
        ExpertIntermediateSize = 2_048,
        Layers = 61,
        Heads = 128,
        RoutedExperts = 256,
        KeyValueRank = 512,
        QueryRank = 1_536,
        RopeHeadSize = 64,
        NopeHeadSize = 128,
        ValueHeadSize = 128,
        ExpertsPerToken = 8,
        ExpertGroups = 8,
        ExpertGroupsKept = 4,
        FirstDenseLayers = 3,
        MaxPositions = 4_096,
        PredictLayers = modules,
    };
}
