using System.Globalization;
using Actors.Model.Tokenizers;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;

namespace Actors.Runtime.Cluster.Processes.Serving;

/// <summary>What a process brings to serve with others.</summary>
public sealed record ClusterServingOptions
{
    /// <summary>The placement, which the settings of all processes describe; its nodes have memory of their own.</summary>
    public required RunPlan Plan { get; init; }

    /// <summary>Limits.</summary>
    public required InferenceOptions Limits { get; init; }

    /// <summary>Times.</summary>
    public required ClusterServingSettings Settings { get; init; }

    /// <summary>Finds the newest values of a folder, null: of the model that the settings name. Refuses with a line for the caller.</summary>
    public required Func<string?, ServedModel> FindModel { get; init; }

    /// <summary>Reads the tokenizer of the model that <see cref="FindModel"/> finds, which is refused alike; null: its tokens are bytes.</summary>
    public required Func<string?, TokenizerFiles?> FindTokenizer { get; init; }

    /// <summary>Fills a share's values from a folder, null: from the model that the settings name; refuses one that another run wrote.</summary>
    public required Action<ServingHost, string?, string> Load { get; init; }

    /// <summary>Hash of what processes that serve together must agree on: beside what those of a run must, the sizes of steps.</summary>
    /// <param name="run">That of a run.</param>
    internal string HashOf(string run) => string.Create(CultureInfo.InvariantCulture, $"{run} serving {Limits.SlotsPerRank} x {Limits.MaxLength}");
}
