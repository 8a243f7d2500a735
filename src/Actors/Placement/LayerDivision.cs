using Actors.Model;

namespace Actors.Runtime.Placement;

/// <summary>
/// Divides a model's layers over stages so that the stage with the most work has as little as can be, and the others are about equal. The output head and the
/// prediction modules are work of the last stage, which has fewer layers for it.
/// </summary>
internal static class LayerDivision
{
    /// <summary>Steps of the search for the least work: as many as a number has digits.</summary>
    private const int Halvings = 60;

    /// <summary>First layer of each stage, then the number of layers. Each stage has one at least.</summary>
    /// <param name="config">The model.</param>
    /// <param name="stages">Stages, 1 .. layers.</param>
    public static int[] FirstLayers(ModelConfig config, int stages)
    {
        double end = ModelWork.OfEnd(config), all = ModelWork.OfFirstLayers(config, config.Layers) + end;
        double most = LeastOfLargest(config, stages, all);
        int[] least = new int[stages], first = new int[stages + 1];
        _ = FillFromEnd(config, least, most);
        first[stages] = config.Layers;
        for (int stage = 1; stage < stages; stage++)
        {
            int begin = first[stage - 1];
            double before = ModelWork.OfFirstLayers(config, begin);
            double share = (all - before) / (stages - stage + 1);
            int last = config.Layers - (stages - stage);
            int fits = Search(begin + 1, last, layer => ModelWork.OfFirstLayers(config, layer + 1) - before > most);
            int nearest = Search(begin + 1, last, layer => ModelWork.OfFirstLayers(config, layer) + ModelWork.OfFirstLayers(config, layer + 1) - (2 * before) > 2 * share);
            first[stage] = Math.Clamp(nearest, Math.Max(begin + 1, least[stage]), Math.Max(fits, least[stage]));
        }

        return first;
    }

    /// <summary>The least work with which every stage can do, to some 60 binary digits.</summary>
    private static double LeastOfLargest(ModelConfig config, int stages, double all)
    {
        int[] first = new int[stages];
        double tooLittle = 0, enough = all;
        for (int i = 0; i < Halvings; i++)
        {
            double middle = (tooLittle + enough) / 2;
            (tooLittle, enough) = FillFromEnd(config, first, middle) ? (tooLittle, middle) : (middle, enough);
        }

        return enough;
    }

    /// <summary>Gives each stage, from the last, as many layers as its work allows and the stages before it leave, and says whether all layers have a stage.</summary>
    private static bool FillFromEnd(ModelConfig config, int[] first, double most)
    {
        int end = config.Layers;
        double beside = ModelWork.OfEnd(config);
        for (int stage = first.Length - 1; stage >= 0; stage--)
        {
            double until = ModelWork.OfFirstLayers(config, end) + beside;
            if (until - ModelWork.OfFirstLayers(config, end - 1) > most)
            {
                return false;
            }

            first[stage] = Search(stage, end - 1, layer => until - ModelWork.OfFirstLayers(config, layer) <= most);
            (end, beside) = (first[stage], 0);
        }

        return end == 0;
    }

    /// <summary>The first number that holds, from <paramref name="least"/>; <paramref name="last"/> where none before it does.</summary>
    private static int Search(int least, int last, Predicate<int> holds)
    {
        while (least < last)
        {
            int middle = least + ((last - least) / 2);
            (least, last) = holds(middle) ? (least, middle) : (middle + 1, last);
        }

        return last;
    }
}
