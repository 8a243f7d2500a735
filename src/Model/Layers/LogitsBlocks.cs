namespace Actors.Model.Layers;

/// <summary>When an <see cref="OutputHead"/> computes a chunk's logits in blocks of rows and keeps none, and how large the blocks are.</summary>
public static class LogitsBlocks
{
    /// <summary>
    /// Bytes of logits in float32 that are kept whole, and that a block takes at most where one of <see cref="RowUnit"/> rows fits. Each block reads and
    /// writes the whole gradient of the projection: with small blocks that costs a GPU as much as the products.
    /// </summary>
    public const long Limit = 1L << 30;

    /// <summary>A block has a multiple of so many rows, a tile of a product on a GPU.</summary>
    public const int RowUnit = 128;

    /// <summary>
    /// Rows of a block; 0: logits are whole. They are with a tied head, to whose gradient the embedding adds too: weight gradients that are put off would
    /// add to it before or after the head's, as it happens.
    /// </summary>
    /// <param name="config">Sizes.</param>
    /// <param name="maxTokens">Rows of the largest chunk.</param>
    /// <param name="limit">Bytes, as <see cref="Limit"/>.</param>
    public static int RowsOf(ModelConfig config, int maxTokens, long limit)
    {
        ArgumentNullException.ThrowIfNull(config);
        long row = (long)sizeof(float) * config.VocabularySize;
        return config.TieWordEmbeddings || maxTokens <= limit / row ? 0 : (int)Math.Max(1, limit / row / RowUnit) * RowUnit;
    }
}
