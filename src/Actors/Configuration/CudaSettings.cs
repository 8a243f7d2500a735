namespace Actors.Runtime.Configuration;

/// <summary><c>actors.cuda</c>: NVIDIA GPUs.</summary>
/// <param name="Path">Folder of a toolkit or of its libraries, looked through first; null: none.</param>
/// <param name="Devices">Numbers of the GPUs: each computes for the same number of consecutive ranks.</param>
/// <param name="Kernels">Folder of kernels that were made ahead; null: that beside the program, where there is one.</param>
/// <param name="ExchangeMultiprocessors">Multiprocessors of a GPU that an exchange beside computation takes, and products leave free; 0: no such limit.</param>
/// <param name="IsGeneral">Whether kernels take the path that every card from sm_80 has, also where the card has its own.</param>
public sealed record CudaSettings(string? Path, IReadOnlyList<int> Devices, string? Kernels, int ExchangeMultiprocessors, bool IsGeneral)
{
    internal const string DevicesKey = "actors.cuda.devices";

    private const string General = "sm_80", Own = "own";

    internal static CudaSettings Read(SettingsReader reader) => new(
        reader.OptionalText("actors.cuda.path"),
        reader.DifferentNumbers(DevicesKey, most: 1023),
        reader.OptionalText("actors.cuda.kernels"),
        reader.Int("actors.cuda.exchange-multiprocessors", least: 0, most: 1024),
        reader.OneOf("actors.cuda.architecture", Own, General) == General);
}
