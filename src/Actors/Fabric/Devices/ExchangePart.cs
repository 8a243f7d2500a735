namespace Actors.Runtime.Fabric.Devices;

/// <summary>A part of an exchange between ranks whose device orders their streams.</summary>
internal enum ExchangePart
{
    /// <summary>Forward alone: how many rows go from a rank to each.</summary>
    Counts,

    /// <summary>A rank's rows have gone to the windows of others.</summary>
    Rows,

    /// <summary>A rank's experts have computed: what they return may be collected.</summary>
    Sums,
}
