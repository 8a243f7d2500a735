using Actors.Runtime.Fabric;

namespace Actors.Runtime.Configuration;

/// <summary><c>actors.fabric</c>: the fixed buffers of the channels, and of ranks on one device.</summary>
internal static class FabricSection
{
    private const string Section = "actors.fabric";

    public static FabricSettings Read(SettingsReader reader) => new(
        reader.Int($"{Section}.channels", most: 1024),
        reader.Int($"{Section}.chunk-rows", most: 1 << 20),
        reader.Int($"{Section}.slots-per-ring", most: 1 << 20))
    {
        CapacityFactor = reader.Double($"{Section}.capacity-factor", 1),
    };
}
