namespace Actors.Model.Checkpoint;

/// <summary>
/// Writes the tensors of a checkpoint into another one, each as the other's header has it, piece by piece in buffers of a fixed size. A matrix that is in FP8 in both is
/// copied code by code: other scales than <see cref="BlockQuantizer"/>'s would not survive another quantization.
/// </summary>
/// <param name="reader">The checkpoint that is read.</param>
internal sealed class TensorCopier(CheckpointReader reader)
{
    private float[] _values = [];
    private byte[] _codes = [];

    // The scales of a matrix come after it, maybe in another file: they are kept until then.
    private (string Name, float[] Values) _scales = ("", []);

    /// <summary>What a tensor is in a checkpoint of a form: itself, or codes and their scales.</summary>
    /// <param name="tensor">A tensor of the checkpoint that is read.</param>
    /// <param name="type">Element type of what is no correction bias; of E4M3 are the published matrices, and the others bfloat16. Null: as they are.</param>
    /// <exception cref="CheckpointException">The scales of a matrix in FP8 are missing or unfit.</exception>
    public IEnumerable<SafetensorsTensor> Formed(SafetensorsTensor tensor, SafetensorsType? type)
    {
        const string bias = "e_score_correction_bias";
        if (tensor.Type == SafetensorsType.E4M3 && type is null or SafetensorsType.E4M3)
        {
            return [tensor, reader.MatrixOf(tensor.Name).Check().Tensor];
        }

        if (type is not { } wanted || tensor.Name.EndsWith(bias, StringComparison.Ordinal))
        {
            return [tensor];
        }

        var formed = new SafetensorsTensor(tensor.Name, wanted, tensor.Shape);
        return wanted != SafetensorsType.E4M3 ? [formed]
            : QuantizedMatrices.Contains(tensor) ? [formed, BlockScales.Of(formed)]
            : [new SafetensorsTensor(tensor.Name, SafetensorsType.BF16, tensor.Shape)];
    }

    /// <summary>Writes a tensor.</summary>
    /// <param name="tensor">As the other checkpoint has it; scales come after their matrix.</param>
    /// <param name="writer">The other checkpoint's.</param>
    /// <exception cref="CheckpointException">A value is not finite, or a file cannot be read or written.</exception>
    public void Copy(SafetensorsTensor tensor, CheckpointWriter writer)
    {
        if (tensor.Type == SafetensorsType.E4M3)
        {
            var scales = new float[BlockScales.Of(tensor).Count];
            if (reader.Find(tensor.Name).Type == SafetensorsType.E4M3)
            {
                CopyCodes(tensor, writer, scales);
            }
            else
            {
                Quantize(tensor, writer, scales);
            }

            _scales = (BlockScales.NameOf(tensor.Name), scales);
        }
        else if (tensor.Name == _scales.Name)
        {
            writer.WriteFloats(tensor.Name, _scales.Values);
        }
        else
        {
            CopyValues(tensor, writer);
        }
    }

    private void CopyValues(SafetensorsTensor tensor, CheckpointWriter writer)
    {
        long count = tensor.Count;
        Span<float> buffer = Take(ref _values, TensorPieces.ElementsOf(tensor)).Span;
        for (long start = 0; start < count; start += buffer.Length)
        {
            Span<float> values = buffer[..(int)Math.Min(buffer.Length, count - start)];
            reader.ReadFloats(tensor.Name, start, values);
            writer.WriteFloats(tensor.Name, values);
        }
    }

    private void CopyCodes(SafetensorsTensor tensor, CheckpointWriter writer, Span<float> scales)
    {
        ScaledMatrix matrix = reader.MatrixOf(tensor.Name);
        matrix.ReadScales(0, scales);
        long count = tensor.Count;
        Span<byte> buffer = Take(ref _codes, TensorPieces.ElementsOf(tensor)).Span;
        for (long start = 0; start < count; start += buffer.Length)
        {
            Span<byte> codes = buffer[..(int)Math.Min(buffer.Length, count - start)];
            matrix.ReadCodes(start, codes);
            writer.WriteCodes(tensor.Name, codes);
        }
    }

    private void Quantize(SafetensorsTensor tensor, CheckpointWriter writer, Memory<float> scales)
    {
        (long rows, int columns) = (tensor.Shape[0], checked((int)tensor.Shape[1]));
        int across = (int)BlockScales.Covering(columns), strip = checked(BlockScales.BlockElements * columns);
        for (long row = 0; row < rows; row += BlockScales.BlockElements)
        {
            int count = (int)Math.Min(strip, (rows - row) * columns);
            Memory<float> values = Take(ref _values, strip)[..count];
            Memory<byte> codes = Take(ref _codes, strip)[..count];
            reader.ReadFloats(tensor.Name, row * columns, values.Span);
            BlockQuantizer.Quantize(values, columns, codes, scales[..across]);
            writer.WriteCodes(tensor.Name, codes.Span);
            scales = scales[across..];
        }
    }

    private static Memory<T> Take<T>(ref T[] buffer, int count)
    {
        buffer = buffer.Length < count ? new T[count] : buffer;
        return buffer.AsMemory(0, count);
    }
}
