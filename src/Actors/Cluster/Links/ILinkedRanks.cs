using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Placement;

namespace Actors.Runtime.Cluster.Links;

/// <summary>The ranks of this process as the links to others must know them: where frames are read into, and who is told of them.</summary>
internal interface ILinkedRanks
{
    /// <summary>Shape of the run.</summary>
    RunPlan Plan { get; }

    /// <summary>Where the actors of all ranks are.</summary>
    RankAddresses Addresses { get; }

    /// <summary>Memory of frames with rows.</summary>
    FrameTransport Frames { get; }

    /// <summary>Blocks of the model.</summary>
    int Blocks { get; }

    /// <summary>Elements of the largest frame that can come.</summary>
    long MaxFrameElements { get; }

    /// <summary>Whether a rank lives in this process.</summary>
    bool IsHere(int rank);

    /// <summary>Exchanges of a rank of this process that may be under way at once.</summary>
    int ExchangesOf(int rank);

    /// <summary>The rings of a rank's expert group; null where none of its ranks lives in this process.</summary>
    FabricRings? RingsOf(RankPosition rank);
}
