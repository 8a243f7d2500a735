using System.Globalization;
using System.Runtime.InteropServices;
using Actors.Model.Checkpoint;
using Actors.Model.Placement;
using Actors.Model.Transfer;
using Actors.Tensors;
using Actors.Tensors.Formats;

namespace Actors.Model.Parameters;

/// <summary>The values of a model in the hub's layout: what a checkpoint must hold, loading and saving any part of it.</summary>
public static class ModelCheckpoint
{
    private const string LayerPrefix = "model.layers.";
    private const string RotaryModule = "rotary_emb";

    /// <summary>Every tensor of a model's checkpoint, with the hub's name and shape, in the order of the blocks.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="prefix">Put before every name, such as <c>moment1.</c> for optimizer files.</param>
    /// <param name="trainedOnly">Leave out what has no gradient, and what is there twice.</param>
    /// <param name="type">Of the files' elements.</param>
    public static IReadOnlyList<SafetensorsTensor> Tensors(
        ModelConfig config, string prefix = "", bool trainedOnly = false, SafetensorsType type = SafetensorsType.F32)
    {
        ArgumentNullException.ThrowIfNull(config);
        using var shapes = new ShapeBackend();
        using ModelWeights whole = Whole(shapes, config);
        return
        [
            .. from block in whole.Blocks
               where block.IsTrained || !trainedOnly
               from tensor in trainedOnly ? block.Tensors : block.Tensors.Concat(block.Copies)
               select new SafetensorsTensor(prefix + tensor.Name, type, ShapeOf(tensor)),
        ];
    }

    /// <summary>
    /// The config of what a checkpoint holds: without prediction modules where it has none, although <c>num_nextn_predict_layers</c> counts some, as published
    /// checkpoints that were saved by others do.
    /// </summary>
    /// <param name="reader">The checkpoint.</param>
    /// <param name="config">What its config.json says.</param>
    public static ModelConfig WithPresentModules(CheckpointReader reader, ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(config);
        bool isPresent = Enumerable.Range(config.Layers, config.PredictLayers).Any(layer => reader.Contains($"{LayerPrefix}{layer}.eh_proj.weight"));
        return isPresent ? config : config with { PredictLayers = 0 };
    }

    /// <summary>
    /// Checks that a checkpoint holds the whole model and nothing else but layers behind its last, which are not read. What prediction modules hold of
    /// embedding and head may be left out, and must else be the same. Only headers are read, and the values of what is there twice.
    /// </summary>
    /// <param name="reader">The checkpoint.</param>
    /// <param name="config">The model.</param>
    /// <param name="held">Names of the blocks whose copies are compared; null: of all.</param>
    /// <returns>Numbers of the layers that are not read, ascending.</returns>
    /// <exception cref="CheckpointException">A tensor is missing, extra, of another shape, or a copy that differs; it is named.</exception>
    public static IReadOnlyList<int> Check(CheckpointReader reader, ModelConfig config, IReadOnlySet<string>? held = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(config);
        using var shapes = new ShapeBackend();
        using ModelWeights whole = Whole(shapes, config);
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (ParameterBlock block in whole.Blocks)
        {
            foreach (HubTensor tensor in block.Tensors)
            {
                reader.Require(tensor.Name, ShapeOf(tensor));
                known.Add(tensor.Name);
            }

            foreach (HubTensor copy in block.Copies.Where(copy => reader.Contains(copy.Name)))
            {
                RequireSame(reader, copy, block.Tensors[0].Name, "although prediction modules share it with the model; remove the copy", IsHeld(block));
                known.Add(copy.Name);
            }
        }

        if (config.TieWordEmbeddings && reader.Contains(ModelWeights.HeadName))
        {
            HubTensor head = whole.Embedding!.Tensors[0] with { Name = ModelWeights.HeadName };
            RequireSame(reader, head, ModelWeights.EmbeddingName, "although tie_word_embeddings is true; set it to false in config.json, or remove the tensor", IsHeld(whole.Embedding));
            known.Add(ModelWeights.HeadName);
        }

        var unread = new SortedSet<int>();
        foreach (string name in reader.Names.Where(name => !known.Contains(name)))
        {
            if (!IsPassedOver(name, config, unread))
            {
                throw new CheckpointException(
                    reader.Folder, $"holds {name}, which the model of its config.json does not have; another model's file lies in this folder");
            }
        }

        foreach ((string name, SafetensorsFile file) in reader.Unplaced)
        {
            if (!IsPassedOver(name, config, unread))
            {
                throw new CheckpointException(file.Path, $"holds {name}, which the folder's index does not place in any file; remove it, or write the index again");
            }
        }

        return [.. unread];

        bool IsHeld(ParameterBlock block) => held?.Contains(block.Name) ?? true;
    }

    /// <summary>Fills the values of a part and prepares them. <see cref="Check"/> the whole checkpoint first.</summary>
    /// <exception cref="CheckpointException">A tensor is missing or of another shape; it is named.</exception>
    public static void Load(IStream stream, CheckpointReader reader, ModelWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Load(stream, reader, weights.Blocks, block => block.Values);
        weights.Prepare(stream);
    }

    /// <summary>Fills one set of a part's tensors, values or a moment, in pieces through one buffer. Nothing else is read.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="reader">Checkpoint or optimizer file.</param>
    /// <param name="blocks">Which blocks.</param>
    /// <param name="tensorOf">What to fill for a block.</param>
    /// <param name="prefix">Stands before every name.</param>
    public static void Load(
        IStream stream, CheckpointReader reader, IEnumerable<ParameterBlock> blocks, Func<ParameterBlock, Tensor> tensorOf, string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(blocks);
        ArgumentNullException.ThrowIfNull(tensorOf);
        float[] buffer = [];
        foreach (ParameterBlock block in blocks)
        {
            foreach (HubTensor tensor in block.Tensors)
            {
                string name = prefix + tensor.Name;
                reader.Require(name, [.. ShapeOf(tensor)]);
                Tensor values = ParameterBlock.View(tensorOf(block), tensor);
                int step = TensorPieces.Rows(tensor.Columns);
                for (int row = 0; row < tensor.Rows; row += step)
                {
                    Tensor piece = values.RowRange(row, Math.Min(step, tensor.Rows - row));
                    buffer = buffer.Length < piece.Count ? new float[piece.Count] : buffer;
                    Span<float> read = buffer.AsSpan(0, (int)piece.Count);
                    reader.ReadFloats(name, (long)row * tensor.Columns, read);
                    Upload(stream, read, piece);
                }
            }
        }
    }

    /// <summary>Writes the values of a part; waits for the stream.</summary>
    /// <exception cref="CheckpointException">The disk refuses.</exception>
    public static void Save(IStream stream, CheckpointWriter writer, ModelWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Save(stream, writer, weights.Blocks, block => block.Values);
    }

    /// <summary>Writes one set of a part's tensors: values, or a moment; waits for the stream.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="writer">Made for <see cref="Tensors"/> with the same prefix.</param>
    /// <param name="blocks">Which blocks.</param>
    /// <param name="tensorOf">What to write for a block.</param>
    /// <param name="prefix">Put before every name; without one, what a checkpoint holds twice is written twice.</param>
    /// <exception cref="CheckpointException">The disk refuses.</exception>
    public static void Save(
        IStream stream, CheckpointWriter writer, IEnumerable<ParameterBlock> blocks, Func<ParameterBlock, Tensor> tensorOf, string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(blocks);
        ArgumentNullException.ThrowIfNull(tensorOf);
        using var reader = new HostReader(stream);
        foreach (ParameterBlock block in blocks)
        {
            foreach (HubTensor tensor in prefix.Length == 0 ? block.Tensors.Concat(block.Copies) : block.Tensors)
            {
                Tensor values = ParameterBlock.View(tensorOf(block), tensor);
                int step = TensorPieces.Rows(tensor.Columns);
                for (int row = 0; row < tensor.Rows; row += step)
                {
                    writer.WriteFloats(prefix + tensor.Name, reader.ReadFloats(values.RowRange(row, Math.Min(step, tensor.Rows - row))));
                }
            }
        }
    }

    private static void Upload(IStream stream, ReadOnlySpan<float> values, Tensor tensor)
    {
        if (tensor.Type == ElementType.BFloat16)
        {
            var codes = new ushort[values.Length];
            BFloat16.FromSingle(values, codes);
            stream.Upload(MemoryMarshal.AsBytes<ushort>(codes), tensor);
        }
        else
        {
            stream.Upload(MemoryMarshal.AsBytes(values), tensor);
        }
    }

    private static ModelWeights Whole(ShapeBackend shapes, ModelConfig config) =>
        new(shapes, config, ModelPart.Whole(config, new ExpertPlacement(config.RoutedExperts, 1, 1)));

    /// <summary>A checkpoint may hold a matrix under two names, if both are the same.</summary>
    private static void RequireSame(CheckpointReader reader, HubTensor copy, string name, string hint, bool compares)
    {
        reader.Require(copy.Name, ShapeOf(copy));
        long count = compares ? (long)copy.Rows * copy.Columns : 0;
        var (one, other) = (new float[Math.Min(count, TensorPieces.Elements)], new float[Math.Min(count, TensorPieces.Elements)]);
        for (long start = 0; start < count; start += one.Length)
        {
            int part = (int)Math.Min(one.Length, count - start);
            reader.ReadFloats(name, start, one.AsSpan(0, part));
            reader.ReadFloats(copy.Name, start, other.AsSpan(0, part));
            int same = one.AsSpan(0, part).CommonPrefixLength(other);
            if (same < part)
            {
                throw new CheckpointException(
                    reader.Folder,
                    $"holds a {copy.Name} that differs from {name} (first at row {(start + same) / copy.Columns}, column {(start + same) % copy.Columns}), {hint}");
            }
        }
    }

    private static long[] ShapeOf(HubTensor tensor) => tensor.IsVector ? [tensor.Columns] : [tensor.Rows, tensor.Columns];

    /// <summary>
    /// Whether a tensor is none of the model's and yet no mistake: a buffer of rotary embeddings that older writers kept, which follows from
    /// config.json, or one of a layer behind the last, such as a multi-token-prediction module, which is added to <paramref name="unread"/>.
    /// </summary>
    private static bool IsPassedOver(string name, ModelConfig config, SortedSet<int> unread)
    {
        string module = name[..Math.Max(name.LastIndexOf('.'), 0)];
        if (module == RotaryModule || module.EndsWith("." + RotaryModule, StringComparison.Ordinal))
        {
            return true;
        }

        if (!name.StartsWith(LayerPrefix, StringComparison.Ordinal))
        {
            return false;
        }

        ReadOnlySpan<char> rest = name.AsSpan(LayerPrefix.Length);
        int end = rest.IndexOf('.');
        if (end <= 0 || !int.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out int layer) || layer < config.Layers)
        {
            return false;
        }

        unread.Add(layer);
        return true;
    }
}
