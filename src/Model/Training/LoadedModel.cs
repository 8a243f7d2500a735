namespace Actors.Model.Training;

/// <summary>What was loaded of a model's folder.</summary>
/// <param name="UnreadLayers">Numbers of the layers behind the model's last that the folder holds too, ascending; they are not read.</param>
/// <param name="BytesRead">Bytes of tensors that were read.</param>
public sealed record LoadedModel(IReadOnlyList<int> UnreadLayers, long BytesRead);
