namespace Actors.Tensors;

/// <summary>What memory of a run is for. docs/memory.md says where each kind comes from.</summary>
public enum MemoryKind
{
    /// <summary>What nobody has named.</summary>
    Other,

    /// <summary>Parameters, what the device derives from them, and RoPE tables.</summary>
    Values,

    /// <summary>Sums of gradients, float32.</summary>
    Gradients,

    /// <summary>What the optimizer keeps: both moments, squares of gradients.</summary>
    Moments,

    /// <summary>The average of the parameters and snapshots of them, float32, on the host.</summary>
    Averages,

    /// <summary>State that is kept for ranks of another process.</summary>
    Copies,

    /// <summary>What layers and heads keep of the chunks under way.</summary>
    Activations,

    /// <summary>What routed experts keep of the rows that have come to them.</summary>
    Experts,

    /// <summary>Logits, whole or in blocks of rows.</summary>
    Logits,

    /// <summary>What a layer needs for a moment.</summary>
    Temporaries,

    /// <summary>Token ids, targets, losses and loads of experts.</summary>
    Tokens,

    /// <summary>Rows between ranks where they are written and read: windows, codes that are sent, rows between stages.</summary>
    Rows,

    /// <summary>Rings between the nodes of a group.</summary>
    Rings,

    /// <summary>Frames between domains.</summary>
    Frames,
}
