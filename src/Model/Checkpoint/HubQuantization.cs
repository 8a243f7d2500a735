namespace Actors.Model.Checkpoint;

/// <summary>
/// <c>quantization_config</c> of a config.json: what is read and written is FP8 as DeepSeek-V3 is published, E4M3 in blocks of 128 x 128. Which tensors are in FP8
/// the files themselves say, so a list of modules that are not is passed over.
/// </summary>
internal static class HubQuantization
{
    /// <summary>The key.</summary>
    public const string Key = "quantization_config";

    /// <summary>The value for a checkpoint in FP8 with float32 scales.</summary>
    public const string Json =
        """{"activation_scheme": "dynamic", "fmt": "e4m3", "quant_method": "fp8", "weight_block_size": [128, 128]}""";

    private const string BlockSize = "weight_block_size", ScaleFormat = "scale_fmt";

    /// <summary>Refuses what is not read; the key counts as unread, so that it is written back as it came.</summary>
    /// <exception cref="CheckpointException">A key of it has another value.</exception>
    public static void Check(ConfigObject root)
    {
        if (root.OptionalObject(Key) is not { } quantization)
        {
            return;
        }

        if (quantization.OptionalString("quant_method") is null)
        {
            throw quantization.Wrong("quant_method", "is missing, supported is only \"fp8\"");
        }

        quantization.Expect("quant_method", "fp8");
        quantization.Expect("fmt", "e4m3");
        quantization.Expect("activation_scheme", "dynamic");
        if (quantization.OptionalString(ScaleFormat) is { } format and not ("float" or "ue8m0"))
        {
            throw quantization.Wrong(ScaleFormat, $"is \"{format}\", supported is only \"float\" or \"ue8m0\"");
        }

        int[] sizes = [.. quantization.Ints(BlockSize)];
        if (sizes is not [BlockScales.BlockElements, BlockScales.BlockElements])
        {
            throw quantization.Wrong(
                BlockSize,
                $"is {(sizes.Length == 0 ? "missing" : $"[{string.Join(", ", sizes)}]")}, supported is only [{BlockScales.BlockElements}, {BlockScales.BlockElements}]");
        }

        root.Forget(Key);
    }
}
