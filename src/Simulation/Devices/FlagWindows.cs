using Actors.Tensors;

namespace Actors.Simulation.Devices;

/// <summary>Windows of a group that ranks write in a dispatch, one of each a rank.</summary>
/// <param name="Rows">Rows that arrive.</param>
/// <param name="Experts">Their local experts.</param>
/// <param name="Weights">Their weights.</param>
internal sealed record FlagWindows(Tensor[] Rows, Tensor[] Experts, Tensor[] Weights)
{
    /// <summary>Windows of the same shapes in memory of their own.</summary>
    public static (FlagWindows Windows, Arena Memory) Like(IBackend backend, FlagWindows other)
    {
        Tensor[] all = [.. other.Rows, .. other.Experts, .. other.Weights];
        var arena = new Arena(backend, all.Sum(tensor => Arena.Plan(tensor.Rows, tensor.Columns, tensor.Type)));
        Tensor[] Take(Tensor[] tensors) => [.. tensors.Select(tensor => arena.Take(tensor.Rows, tensor.Columns, tensor.Type))];
        return (new FlagWindows(Take(other.Rows), Take(other.Experts), Take(other.Weights)), arena);
    }
}
