using System.Buffers.Binary;
using System.Text.Json;
using Actors.Model.Checkpoint;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Model.Tests.Checkpoint;

public sealed class SafetensorsRoundTrips : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Random_tensors_come_back_with_names_types_shapes_and_bits()
    {
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue).ToArbitrary(),
            seed => RoundTrip(new Random(seed))).Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    [Fact]
    public void Narrow_floats_are_rounded_to_nearest_when_written_and_exact_when_read()
    {
        string path = _folder.File("narrow.safetensors");
        float[] values = [1, 1.00390625f, 1.01171875f, 1e-8f, -3.1415927f];
        Write(path, new SafetensorsTensor("b", SafetensorsType.BF16, [5]), values);
        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            // 1 + 2⁻⁸ and 1 + 3·2⁻⁸ are halfway between bfloat16 values: to even.
            Assert.Equal([1, 1, 1.015625f, 1.0011718e-8f, -3.140625f], file.ReadFloats("b"));
        }

        Write(path, new SafetensorsTensor("h", SafetensorsType.F16, [5]), values);
        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            Assert.Equal(Array.ConvertAll(values, value => (float)(Half)value), file.ReadFloats("h"));
        }

        Write(path, new SafetensorsTensor("d", SafetensorsType.F64, [5]), values);
        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            Assert.Equal(values, file.ReadFloats("d"));
        }
    }

    [Fact]
    public void Parts_and_any_order_give_the_same_file_as_wholes()
    {
        SafetensorsTensor[] tensors =
            [new("a", SafetensorsType.F32, [2, 3]), new("n", SafetensorsType.I64, [2]), new("b", SafetensorsType.F32, [2])];
        using (SafetensorsWriter writer = SafetensorsWriter.Create(_folder.File("whole"), tensors))
        {
            writer.WriteFloats("a", [1, 2, 3, 4, 5, 6]);
            writer.WriteLongs("n", [7, 8]);
            writer.WriteFloats("b", [9, 10]);
            writer.Commit();
        }

        using (SafetensorsWriter writer = SafetensorsWriter.Create(_folder.File("parts"), tensors))
        {
            writer.WriteFloats("b", [9]);
            writer.WriteFloats("a", [1, 2, 3, 4]);
            writer.WriteLongs("n", [7, 8]);
            writer.WriteFloats("a", [5, 6]);
            writer.WriteFloats("b", [10]);
            writer.Commit();
        }

        Assert.Equal(File.ReadAllBytes(_folder.File("whole")), File.ReadAllBytes(_folder.File("parts")));
        Assert.Equal(["parts", "whole"], _folder.FileNames());
    }

    [Fact]
    public void The_file_has_the_layout_that_other_readers_want()
    {
        string path = _folder.File("layout.safetensors");
        SafetensorsTensor[] tensors = [new("byte", SafetensorsType.U8, [3]), new("float", SafetensorsType.F32, [2])];
        using (SafetensorsWriter writer = SafetensorsWriter.Create(path, tensors, new Dictionary<string, string> { ["step"] = "7" }))
        {
            writer.WriteLongs("byte", [1, 2, 255]);
            writer.WriteFloats("float", [1, -2]);
            writer.Commit();
        }

        byte[] bytes = File.ReadAllBytes(path);
        int headerBytes = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.Equal(0, headerBytes % 8);
        Assert.Equal((byte)'{', bytes[8]);
        using JsonDocument header = JsonDocument.Parse(bytes.AsMemory(8, headerBytes));
        Assert.Equal("pt", header.RootElement.GetProperty("__metadata__").GetProperty("format").GetString());
        Assert.Equal("7", header.RootElement.GetProperty("__metadata__").GetProperty("step").GetString());

        // The wide type first, so that both are aligned to their own size.
        Assert.Equal("[0,8]", header.RootElement.GetProperty("float").GetProperty("data_offsets").GetRawText());
        Assert.Equal("[8,11]", header.RootElement.GetProperty("byte").GetProperty("data_offsets").GetRawText());
        Assert.Equal([0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 1, 2, 255], bytes[(8 + headerBytes)..]);
    }

    [Fact]
    public void Single_values_and_empty_tensors_are_tensors()
    {
        string path = _folder.File("small.safetensors");
        SafetensorsTensor[] tensors = [new("loss", SafetensorsType.F32, []), new("none", SafetensorsType.F32, [0, 4])];
        using (SafetensorsWriter writer = SafetensorsWriter.Create(path, tensors))
        {
            writer.WriteFloats("loss", [2.5f]);
            writer.Commit();
        }

        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal([2.5f], file.ReadFloats("loss"));
        Assert.Empty(file.ReadFloats("none"));
        Assert.Equal([0L, 4L], file.Find("none").Shape);
    }

    [Fact]
    public void A_file_that_is_not_committed_leaves_the_old_one_and_nothing_beside_it()
    {
        string path = _folder.File("kept.safetensors");
        Write(path, new SafetensorsTensor("x", SafetensorsType.F32, [1]), [1]);
        byte[] before = File.ReadAllBytes(path);
        using (SafetensorsWriter writer = SafetensorsWriter.Create(path, [new("x", SafetensorsType.F32, [1])]))
        {
            writer.WriteFloats("x", [2]);
        }

        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal(["kept.safetensors"], _folder.FileNames());
    }

    private static void Write(string path, SafetensorsTensor tensor, float[] values)
    {
        using SafetensorsWriter writer = SafetensorsWriter.Create(path, [tensor]);
        writer.WriteFloats(tensor.Name, values);
        writer.Commit();
    }

    private void RoundTrip(Random random)
    {
        string path = _folder.File("random.safetensors");
        var tensors = new List<SafetensorsTensor>();
        var floats = new Dictionary<string, float[]>();
        var longs = new Dictionary<string, long[]>();
        var codes = new Dictionary<string, byte[]>();
        int count = random.Next(8);
        for (int i = 0; i < count; i++)
        {
            var type = (SafetensorsType)random.Next((int)SafetensorsType.Other);
            var shape = new long[random.Next(4)];
            for (int d = 0; d < shape.Length; d++)
            {
                shape[d] = random.Next(6);
            }

            var tensor = new SafetensorsTensor($"tensor \"{i}\" · ü{new string('x', random.Next(9))}", type, shape);
            tensors.Add(tensor);
            if (type is SafetensorsType.F32 or SafetensorsType.F64 or SafetensorsType.F16 or SafetensorsType.BF16)
            {
                // Eighths from −16 to 16 are exact in every one of the float types.
                floats[tensor.Name] = Values(tensor, _ => random.Next(-128, 129) / 8f);
            }
            else if (type == SafetensorsType.E8M0)
            {
                floats[tensor.Name] = Values(tensor, _ => MathF.ScaleB(1, random.Next(-127, 128)));
            }
            else if (type == SafetensorsType.E4M3)
            {
                codes[tensor.Name] = Values(tensor, _ => (byte)random.Next(256));
            }
            else
            {
                longs[tensor.Name] = Values(tensor, _ => (long)random.Next(256));
            }
        }

        using (SafetensorsWriter writer = SafetensorsWriter.Create(path, tensors))
        {
            foreach ((string name, float[] values) in floats)
            {
                writer.WriteFloats(name, values);
            }

            foreach ((string name, long[] values) in longs)
            {
                writer.WriteLongs(name, values);
            }

            foreach ((string name, byte[] values) in codes)
            {
                writer.WriteCodes(name, values);
            }

            writer.Commit();
        }

        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal(tensors.Count, file.Tensors.Count);
        foreach (SafetensorsTensor tensor in tensors)
        {
            Assert.Equal(tensor.Type, file.Find(tensor.Name).Type);
            Assert.Equal(tensor.Shape, file.Find(tensor.Name).Shape);
        }

        foreach ((string name, float[] values) in floats)
        {
            Assert.Equal(values, file.ReadFloats(name));
        }

        foreach ((string name, long[] values) in longs)
        {
            Assert.Equal(values, file.ReadLongs(name));
        }

        foreach ((string name, byte[] values) in codes)
        {
            var read = new byte[values.Length];
            file.ReadBytes(file.Find(name), 0, read);
            Assert.Equal(values, read);
        }
    }

    private static T[] Values<T>(SafetensorsTensor tensor, Func<int, T> next)
    {
        var values = new T[tensor.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = next(i);
        }

        return values;
    }
}
