using System.Text;
using Actors.Model.Files;

namespace Actors.Model.Tests.Files;

public sealed class FileKindTests
{
    [Theory]
    [InlineData("1F8B08", "is compressed (gzip): unpack it first with gunzip")]
    [InlineData("FD377A585A00", "is compressed (xz): unpack it first with unxz")]
    [InlineData("28B52FFD", "is compressed (zstd): unpack it first with unzstd")]
    [InlineData("425A6839314159265359", "is compressed (bzip2): unpack it first with bunzip2")]
    [InlineData("504B0506", "is an archive (zip): unpack it first with unzip")]
    [InlineData("47475546", "is a GGUF file: get the model's safetensors files")]
    [InlineData("3C48544D4C", "is an HTML page: the download failed; get it again")]
    [InlineData("FFFE0000", "is UTF-32: turn it into UTF-8 first, such as with iconv -f utf-32 -t utf-8")]
    [InlineData("FFFE6100", "is UTF-16: turn it into UTF-8 first, such as with iconv -f utf-16 -t utf-8")]
    public void The_first_bytes_tell_the_kind_and_what_to_do(string bytes, string expected)
    {
        byte[] first = Convert.FromHexString(bytes);

        Assert.Equal(expected, $"{FileKind.Of(first)}");
        Assert.Null(FileKind.Of(first.AsSpan(0, 1)));
    }

    [Fact]
    public void A_tar_archive_has_its_mark_behind_the_first_name()
    {
        var first = new byte[512];
        "ustar"u8.CopyTo(first.AsSpan(257));

        Assert.Equal("is an archive (tar): unpack it first with tar -xf", $"{FileKind.Of(first)}");
    }

    [Fact]
    public void A_pointer_is_one_and_a_longer_text_that_begins_so_is_none()
    {
        string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";

        Assert.True(FileKind.Of(Encoding.UTF8.GetBytes(pointer))!.IsPointer);
        Assert.True(FileKind.Of("# xet version 0\n"u8)!.IsPointer);
        Assert.Null(FileKind.Of(Encoding.UTF8.GetBytes(pointer + new string('x', 1024))));
        Assert.False(FileKind.Of([0x1F, 0x8B])!.IsPointer);
    }

    [Fact]
    public void A_text_says_nothing_and_loses_the_mark_of_UTF_8()
    {
        Assert.Null(FileKind.Of("actors { }"u8));
        Assert.Null(FileKind.OfUnmarked("actors { }"u8));
        Assert.Null(FileKind.Of([]));
        Assert.Equal("text"u8, FileKind.WithoutMark("\uFEFFtext"u8));
        Assert.Equal("text"u8, FileKind.WithoutMark("text"u8));
    }
}
