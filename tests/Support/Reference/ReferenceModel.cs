using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Tensors;

namespace Actors.Tests.Support.Reference;

/// <summary>Backend, stream and the loaded weights of a reference case.</summary>
public sealed class ReferenceModel : IDisposable
{
    public ReferenceModel(ReferenceCase reference, IBackend backend, int ranks, int ranksPerNode)
    {
        Backend = backend;
        Stream = Backend.CreateStream("reference");
        Placement = new ExpertPlacement(reference.Config.RoutedExperts, ranks, ranksPerNode);
        Weights = new ModelWeights(Backend, reference.Config, ModelPart.Whole(reference.Config, Placement));
        reference.Load(Stream, Weights);
    }

    public IBackend Backend { get; }

    public IStream Stream { get; }

    public ExpertPlacement Placement { get; }

    public ModelWeights Weights { get; }

    public void Dispose()
    {
        Weights.Dispose();
        Stream.Dispose();
        Backend.Dispose();
    }
}
