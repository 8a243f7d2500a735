using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Actors.Model.Checkpoint;

namespace Actors.Model.Tests.Checkpoint;

/// <summary>One tensor of a safetensors file of any element type, for files that the project's writer does not make.</summary>
internal sealed record RawTensor(string Name, string Type, long[] Shape, byte[] Bytes)
{
    public static RawTensor Floats(string name, long[] shape, params float[] values) =>
        new(name, "F32", shape, MemoryMarshal.AsBytes<float>(values).ToArray());

    /// <summary>Reads a file of float tensors.</summary>
    public static List<RawTensor> Read(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return [.. file.Names.Select(name => Floats(name, [.. file.Find(name).Shape], file.ReadFloats(name)))];
    }

    public static void Write(string path, IEnumerable<RawTensor> tensors)
    {
        var header = new Dictionary<string, object>();
        var data = new List<byte>();
        foreach (RawTensor tensor in tensors)
        {
            header.Add(
                tensor.Name,
                new { dtype = tensor.Type, shape = tensor.Shape, data_offsets = new[] { data.Count, data.Count + tensor.Bytes.Length } });
            data.AddRange(tensor.Bytes);
        }

        byte[] json = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(header));
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        File.WriteAllBytes(path, [.. length, .. json, .. data]);
    }
}
