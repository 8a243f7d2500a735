using System.Text;
using Actors.Model.Tokenizers;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Model.Tests.Tokenizers;

public sealed class ByteTokenizers
{
    private static readonly ITokenizer Bytes = ByteTokenizer.Instance;

    [Fact]
    public void Any_text_comes_back() => Prop.ForAll(
        Gen.Choose(0, 0x10FFFF).Where(Rune.IsValid).ListOf().ToArbitrary(),
        points =>
        {
            string text = string.Concat(points.Select(point => new Rune(point).ToString()));
            Assert.Equal(text, Bytes.Decode(Bytes.Encode(text)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_bytes_decode_one_by_one_as_they_do_at_once() => Prop.ForAll(
        Gen.Choose(0, 255).ListOf().ToArbitrary(),
        tokens =>
        {
            byte[] bytes = [.. tokens.Select(token => (byte)token)];
            Assert.Equal(Encoding.UTF8.GetString(bytes), Bytes.Decode([.. tokens]));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Tokens_are_UTF8_bytes() => Assert.Equal([0x41, 0xC3, 0xA9, 0xF0, 0x9F, 0x98, 0x80], Bytes.Encode("Aé😀"));

    [Fact]
    public void A_character_appears_with_its_last_byte()
    {
        var decoder = new TokenDecoder(Bytes);
        Assert.Equal(["", "", "", "😀"], new[] { 0xF0, 0x9F, 0x98, 0x80 }.Select(decoder.Append));
        Assert.Equal("", decoder.Flush());
    }

    [Fact]
    public void A_broken_character_does_not_swallow_the_next()
    {
        var decoder = new TokenDecoder(Bytes);
        Assert.Equal(["", "\uFFFDA"], new[] { 0xC3, 0x41 }.Select(decoder.Append));
        Assert.Equal("", decoder.Append(0xE2));
        Assert.Equal("\uFFFD", decoder.Flush());
        Assert.Equal("B", decoder.Append('B'));
    }

    [Fact]
    public void Bytes_widen_to_tokens()
    {
        var tokens = new int[3];
        ByteTokenizer.Widen([0, 200, 255], tokens);
        Assert.Equal([0, 200, 255], tokens);
        Assert.Throws<ArgumentException>(() => ByteTokenizer.Widen(new byte[4], tokens));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(256)]
    public void What_is_no_byte_is_refused(int token)
    {
        var failure = Assert.Throws<ArgumentOutOfRangeException>(() => Bytes.Decode([token]));
        Assert.Contains($"Token {token} is no byte", failure.Message, StringComparison.Ordinal);
    }
}
