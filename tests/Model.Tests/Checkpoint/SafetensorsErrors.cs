using System.Buffers.Binary;
using System.Text;
using Actors.Model.Checkpoint;

namespace Actors.Model.Tests.Checkpoint;

/// <summary>Every damage is refused in one line that names the file and, where there is one, the tensor.</summary>
public sealed class SafetensorsErrors : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_missing_file_is_named()
    {
        string path = _folder.File("absent.safetensors");
        AssertOneLine(Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(path)), path, "cannot be read");
    }

    [Fact]
    public void A_file_cut_at_any_byte_is_refused()
    {
        byte[] whole = Valid();
        for (int length = 0; length < whole.Length; length++)
        {
            AssertRefused(whole[..length], length < 8 ? "header's length" : "truncated");
        }
    }

    [Fact]
    public void Bytes_after_the_last_tensor_are_refused() => AssertRefused([.. Valid(), 0], "1 bytes follow the last tensor");

    [Theory]
    [InlineData("F8_E4M3")]
    [InlineData("I16")]
    [InlineData("NEW")]
    public void A_type_that_is_not_known_is_refused_only_when_it_is_read(string type)
    {
        string path = _folder.File("other.safetensors");
        File.WriteAllBytes(path, WithHeader(
            "{\"a\":{\"dtype\":\"" + type + "\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[4,6]}}", 6));
        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal([0L, 0L], file.ReadLongs("b"));
        AssertOneLine(Assert.Throws<CheckpointException>(() => file.ReadFloats("a")), path, $"a: is {type}, expected one of F32");
        AssertOneLine(Assert.Throws<CheckpointException>(() => file.ReadLongs("a")), path, $"a: is {type}, expected one of I64");
    }

    [Fact]
    public void What_is_another_kind_of_file_is_named()
    {
        AssertRefused([.. "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1720952\n"u8], "is a Git LFS pointer");
        AssertRefused([.. "PK\u0003\u0004          "u8], "is a ZIP archive");
        AssertRefused([.. "<!DOCTYPE html><html>"u8], "is an HTML page");
        AssertRefused([.. "{\"error\": \"not found\"}"u8], "this is no safetensors file");
    }

    [Fact]
    public void A_name_that_is_no_text_is_refused()
    {
        byte[] bytes = WithHeader("{\"name\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4);
        bytes[11] = 0xFF;
        AssertRefused(bytes, "the header is no UTF-8");
        AssertRefused(WithHeader("{\"\\ud800\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", 4), "a name that is no Unicode");
    }

    [Theory]
    [InlineData("[9223372036854775807,9223372036854775807]", "its data begin at byte 9223372036854775807")]
    [InlineData("[0,9223372036854775807]", "its data end at byte 9223372036854775807, the file has 4")]
    [InlineData("[0,9223372036854775808]", "has an element that is no whole number")]
    [InlineData("[0,4.0]", "has an element that is no whole number")]
    public void Places_of_a_type_that_is_not_known_are_checked_too(string places, string expected) =>
        AssertRefused(WithHeader("{\"a\":{\"dtype\":\"F4\",\"shape\":[8],\"data_offsets\":" + places + "}}", 4), "a: ", expected);

    [Fact]
    public void A_header_over_the_limit_is_refused_before_it_is_read()
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, 100_000_001);
        AssertRefused(bytes, "100000001", "allowed are 100000000");
        BinaryPrimitives.WriteInt64LittleEndian(bytes, -1);
        AssertRefused(bytes, "18446744073709551615");
    }

    [Theory]
    [InlineData("{\"a\":", "no JSON")]
    [InlineData("[1]", "no JSON object")]
    [InlineData("{\"__metadata__\":3}", "__metadata__ is no JSON object")]
    [InlineData("{\"__metadata__\":{\"step\":3}}", "__metadata__.step is no string")]
    [InlineData("{\"a\":7}", "a: the header's entry lacks")]
    [InlineData("{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", "a: the header's entry lacks")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":3,\"data_offsets\":[0,4]}}", "a: shape is no array")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", "a: shape [-1] has an element")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", "a: shape [1.5] has an element")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", "a: data_offsets [0] are no [begin, end]")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", "a: data_offsets [4,0] are no [begin, end]")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,4]}}", "a: data_offsets hold 4 bytes, F32[3] has 12")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,4]}}", "more elements than can be counted")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "a: its data end at byte 8, the file has 4")]
    public void A_bad_header_is_refused(string header, string expected) => AssertRefused(WithHeader(header, dataBytes: 4), expected);

    [Fact]
    public void Overlapping_tensors_are_named() => AssertRefused(
        WithHeader(
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[2,6]}}", 6),
        "b: its data begin at byte 2, inside those of a, which end at 4");

    [Fact]
    public void A_hole_between_tensors_is_named() => AssertRefused(
        WithHeader(
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[4,6]}}", 6),
        "b: its data begin at byte 4, leaving a hole after a, which ends at 2");

    [Fact]
    public void A_name_that_comes_twice_is_refused() => AssertRefused(
        WithHeader(
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}", 4),
        "a: the header has this name twice");

    [Fact]
    public void Reading_the_wrong_tensor_type_or_length_is_refused()
    {
        string path = _folder.File("valid.safetensors");
        File.WriteAllBytes(path, Valid());
        using SafetensorsFile file = SafetensorsFile.Open(path);
        AssertOneLine(Assert.Throws<CheckpointException>(() => file.ReadFloats("missing")), path, "missing");
        AssertOneLine(Assert.Throws<CheckpointException>(() => file.ReadLongs("x")), path, "x: is F32, expected one of I64, I32, U8");
        AssertOneLine(Assert.Throws<CheckpointException>(() => file.ReadFloats("ids")), path, "ids: is I64, expected one of F32");
        AssertOneLine(
            Assert.Throws<CheckpointException>(() => file.ReadFloats("x", new float[3])), path, "x: has 2 elements [2], 3 are asked for");
    }

    [Fact]
    public void A_writer_refuses_what_does_not_fit_its_header()
    {
        string path = _folder.File("w.safetensors");
        SafetensorsTensor[] tensors = [new("x", SafetensorsType.F32, [2]), new("small", SafetensorsType.U8, [1])];
        AssertOneLine(
            Assert.Throws<CheckpointException>(() => SafetensorsWriter.Create(path, [tensors[0], tensors[0]])), path, "x: is to be written twice");
        using SafetensorsWriter writer = SafetensorsWriter.Create(path, tensors);
        AssertOneLine(Assert.Throws<CheckpointException>(() => writer.WriteFloats("y", [1])), path, "y: is not in the header");
        AssertOneLine(Assert.Throws<CheckpointException>(() => writer.WriteFloats("x", [1, 2, 3])), path, "x: 3 values are given, [2] has 2 left");
        AssertOneLine(Assert.Throws<CheckpointException>(() => writer.WriteLongs("x", [1])), path, "x: is F32, the values given are integers");
        AssertOneLine(Assert.Throws<CheckpointException>(() => writer.WriteLongs("small", [256])), path, "small: a value does not fit into U8");
        writer.WriteFloats("x", [1]);
        AssertOneLine(Assert.Throws<CheckpointException>(writer.Commit), path, "x: 4 of 8 bytes are written");
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_named()
    {
        string path = Path.Combine(_folder.File("no such folder"), "x.safetensors");
        AssertOneLine(
            Assert.Throws<CheckpointException>(() => SafetensorsWriter.Create(path, [new("x", SafetensorsType.F32, [1])])), path, "cannot be written");
    }

    [Fact]
    public void A_full_disk_is_named_and_the_old_file_stays()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        string path = _folder.File("kept.safetensors");
        File.WriteAllBytes(path, Valid());
        byte[] before = File.ReadAllBytes(path);
        File.CreateSymbolicLink(path + ".tmp", "/dev/full");
        AssertOneLine(
            Assert.Throws<CheckpointException>(() => SafetensorsWriter.Create(path, [new("x", SafetensorsType.F32, [1])])),
            path, "cannot be written", "No space left on device");
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.False(Path.Exists(path + ".tmp"));
    }

    private static byte[] WithHeader(string header, int dataBytes)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 8);
        return bytes;
    }

    private byte[] Valid()
    {
        string path = _folder.File("made.safetensors");
        using (SafetensorsWriter writer = SafetensorsWriter.Create(
                   path, [new("x", SafetensorsType.F32, [2]), new("ids", SafetensorsType.I64, [1])]))
        {
            writer.WriteFloats("x", [1, 2]);
            writer.WriteLongs("ids", [3]);
            writer.Commit();
        }

        return File.ReadAllBytes(path);
    }

    private void AssertRefused(byte[] contents, params string[] parts)
    {
        string path = _folder.File("bad.safetensors");
        File.WriteAllBytes(path, contents);
        AssertOneLine(Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(path)), [path, .. parts]);
    }

    private static void AssertOneLine(CheckpointException failure, params string[] parts)
    {
        Assert.DoesNotContain('\n', failure.Message);
        foreach (string part in parts)
        {
            Assert.Contains(part, failure.Message, StringComparison.Ordinal);
        }
    }
}
