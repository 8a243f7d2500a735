using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Actors.Tensors.Formats;
using Actors.Tensors.Numbers;

namespace Actors.Model.Checkpoint;

/// <summary>A matrix of a checkpoint in E4M3 with the scales of its blocks: <see cref="BlockScales"/>.</summary>
/// <param name="Codes">The matrix.</param>
/// <param name="Scales">Its scales; null: the checkpoint has none.</param>
internal readonly record struct ScaledMatrix(TensorPlace Codes, TensorPlace? Scales)
{
    /// <summary>Codes that are read at a time: their values stay in a cache while they are scaled and checked.</summary>
    private const int ChunkBytes = 1 << 16;

    /// <summary>Checks by the headers that there are scales as the matrix needs them.</summary>
    /// <returns>The scales.</returns>
    /// <exception cref="CheckpointException">There are none, or of another shape or type.</exception>
    public TensorPlace Check()
    {
        SafetensorsTensor matrix = Codes.Tensor;
        if (matrix.Shape.Count != 2)
        {
            throw new CheckpointException(Codes.File.Path, $"{Codes.NameText}: is {matrix.TypeName} of shape {matrix.ShapeText}, only matrices may be of this type");
        }

        if (Scales is not { } scales)
        {
            throw new CheckpointException(
                Codes.File.Path,
                $"{Codes.NameText}: is {matrix.TypeName}, and the checkpoint has no {BlockScales.NameOf(matrix.Name)} with its scales: it is not complete; copy it again");
        }

        SafetensorsTensor wanted = BlockScales.Of(matrix);
        if (scales.Tensor.Type is not (SafetensorsType.F32 or SafetensorsType.E8M0))
        {
            throw new CheckpointException(scales.File.Path, $"{scales.NameText}: is {scales.Tensor.TypeName}, expected scales of F32 or F8_E8M0");
        }

        if (!scales.Tensor.Shape.SequenceEqual(wanted.Shape))
        {
            throw new CheckpointException(
                scales.File.Path,
                $"{scales.NameText}: has shape {scales.Tensor.ShapeText}, {matrix.Name} {matrix.ShapeText} has {wanted.ShapeText} blocks of "
                + $"{BlockScales.BlockElements} x {BlockScales.BlockElements}");
        }

        return scales;
    }

    /// <summary>Reads values: code · scale, in float32.</summary>
    /// <param name="start">The first element.</param>
    /// <param name="values">Output, as many as are read.</param>
    /// <exception cref="CheckpointException">The scales are missing or unfit, a value is not finite, or a file cannot be read.</exception>
    public void ReadFloats(long start, Span<float> values)
    {
        TensorPlace scales = Check();
        if (values.IsEmpty)
        {
            return;
        }

        (long columns, long across) = (Codes.Tensor.Shape[1], scales.Tensor.Shape[1]);
        long firstBlocks = start / columns / BlockScales.BlockElements, lastBlocks = (start + values.Length - 1) / columns / BlockScales.BlockElements;
        float[] ofBlocks = ArrayPool<float>.Shared.Rent(checked((int)((lastBlocks - firstBlocks + 1) * across)));
        byte[] codes = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        ReadScales(firstBlocks * across, ofBlocks.AsSpan(0, (int)((lastBlocks - firstBlocks + 1) * across)));
        for (int done = 0; done < values.Length; done += ChunkBytes)
        {
            Span<float> part = values.Slice(done, Math.Min(ChunkBytes, values.Length - done));
            Span<byte> partCodes = codes.AsSpan(0, part.Length);
            Codes.File.ReadBytes(Codes.Stored, Codes.Start + start + done, partCodes);
            Dequantize(partCodes, start + done - (firstBlocks * BlockScales.BlockElements * columns), columns, ofBlocks, part);
            if (FiniteValues.IndexOfOther(part) is int index and >= 0)
            {
                throw Codes.File.NotFinite(Codes.Stored, Codes.Start + start + done + index, part[index]);
            }
        }

        ArrayPool<byte>.Shared.Return(codes);
        ArrayPool<float>.Shared.Return(ofBlocks);
    }

    /// <summary>Reads codes as they are, none of which may be NaN.</summary>
    /// <param name="start">The first element.</param>
    /// <param name="codes">Output, as many as are read.</param>
    /// <exception cref="CheckpointException">A code is NaN, or the file cannot be read.</exception>
    public void ReadCodes(long start, Span<byte> codes)
    {
        const byte notANumber = 0x7F, negative = 0x80;
        Codes.File.ReadBytes(Codes.Stored, Codes.Start + start, codes);
        if (codes.IndexOfAny(notANumber, (byte)(notANumber | negative)) is int index and >= 0)
        {
            throw Codes.File.NotFinite(Codes.Stored, Codes.Start + start + index, float.NaN);
        }
    }

    /// <summary>Reads scales, which must be finite and above 0.</summary>
    /// <param name="start">The first, counted row by row of blocks.</param>
    /// <param name="values">Output, as many as are read.</param>
    /// <exception cref="CheckpointException">They are missing or unfit, or the file cannot be read.</exception>
    public void ReadScales(long start, Span<float> values)
    {
        TensorPlace scales = Check();
        scales.File.ReadFloats(scales.Stored, scales.Start + start, values);
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]) || values[i] <= 0)
            {
                throw new CheckpointException(
                    scales.File.Path,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{scales.NameText}: the scale at {scales.Tensor.PlaceText(start + i)} is {values[i]}, every scale must be finite and above 0: the file is damaged; copy it again"));
            }
        }
    }

    /// <summary>Multiplies codes by the scales of their blocks.</summary>
    /// <param name="codes">Codes in the order of the matrix.</param>
    /// <param name="first">Place of the first one, counted from the row where the first block of <paramref name="scales"/> begins.</param>
    /// <param name="columns">Columns of the matrix.</param>
    /// <param name="scales">Scales, row by row of blocks.</param>
    /// <param name="values">Output, as many as codes.</param>
    private static void Dequantize(ReadOnlySpan<byte> codes, long first, long columns, ReadOnlySpan<float> scales, Span<float> values)
    {
        E4M3.ToSingle(codes, values);
        int across = (int)BlockScales.Covering(columns);
        (long row, long column) = Math.DivRem(first, columns);
        while (values.Length > 0)
        {
            (int down, int block) = ((int)(row / BlockScales.BlockElements), (int)(column / BlockScales.BlockElements));
            long end = Math.Min((block + 1L) * BlockScales.BlockElements, columns);
            int count = (int)Math.Min(end - column, values.Length);
            Multiply(values[..count], scales[(down * across) + block]);
            values = values[count..];
            (row, column) = end == columns ? (row + 1, 0) : (row, end);
        }
    }

    private static void Multiply(Span<float> values, float scale)
    {
        Span<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        for (int i = 0; i < vectors.Length; i++)
        {
            vectors[i] *= scale;
        }

        for (int i = vectors.Length * Vector<float>.Count; i < values.Length; i++)
        {
            values[i] *= scale;
        }
    }
}
