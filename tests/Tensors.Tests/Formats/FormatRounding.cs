namespace Actors.Tensors.Tests.Formats;

/// <summary>Every code, every midpoint and many random floats of every format against a search for the nearest value.</summary>
public sealed class FormatRounding
{
    private const int RandomFloats = 300_000;

    public static TheoryData<string> Formats()
    {
        var data = new TheoryData<string>();
        foreach (FormatUnderTest format in FormatUnderTest.All)
        {
            data.Add(format.Name);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_finite_code_has_its_value_and_comes_back(string name)
    {
        FormatUnderTest format = FormatUnderTest.Named(name);
        NearestValue nearest = format.Nearest();
        for (uint code = 0; code <= format.MaxFinite; code++)
        {
            Assert.Equal(nearest.Value(code), format.ToSingle(code));
            Assert.Equal(code, format.FromSingle(format.ToSingle(code)));
            Assert.Equal(code | format.Sign, format.FromSingle(format.ToSingle(code | format.Sign)));
            Assert.True(float.IsNegative(format.ToSingle(code | format.Sign)));
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_other_code_is_infinity_or_NaN_and_stays_so(string name)
    {
        FormatUnderTest format = FormatUnderTest.Named(name);
        for (uint code = format.MaxFinite + 1; code < format.Sign; code++)
        {
            float value = format.ToSingle(code);
            bool isInfinity = code == format.Overflow && name != "E4M3";
            Assert.Equal(isInfinity ? float.PositiveInfinity : float.NaN, value);
            Assert.Equal(-value, format.ToSingle(code | format.Sign));
            float back = format.ToSingle(format.FromSingle(value));
            Assert.Equal(value, back);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void NaN_stays_NaN_with_its_sign(string name)
    {
        FormatUnderTest format = FormatUnderTest.Named(name);
        foreach (uint bits in new[] { 0x7FC00000u, 0x7F800001u, 0x7FFFFFFFu })
        {
            uint code = format.FromSingle(BitConverter.UInt32BitsToSingle(bits));
            Assert.True(float.IsNaN(format.ToSingle(code)));
            Assert.Equal(0u, code & format.Sign);
            Assert.Equal(code | format.Sign, format.FromSingle(BitConverter.UInt32BitsToSingle(bits | 0x80000000)));
            Assert.True(float.IsNaN(format.ToSingle(format.FromSingleSaturating?.Invoke(float.NaN) ?? code)));
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Midpoints_go_to_the_even_code_and_their_neighbours_to_the_nearer_one(string name)
    {
        FormatUnderTest format = FormatUnderTest.Named(name);
        NearestValue nearest = format.Nearest();
        for (uint code = 0; code <= format.MaxFinite; code++)
        {
            double middle = (nearest.Value(code) + nearest.Value(code + 1)) / 2;
            float exact = (float)middle;
            Assert.Equal(middle, exact);
            Check(format, nearest, exact);
            Check(format, nearest, MathF.BitIncrement(exact));
            Check(format, nearest, MathF.BitDecrement(exact));
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Random_floats_go_to_the_nearest_value(string name)
    {
        FormatUnderTest format = FormatUnderTest.Named(name);
        NearestValue nearest = format.Nearest();
        var random = new Random(11);
        for (int i = 0; i < RandomFloats; i++)
        {
            // Half of them anywhere in binary32, half where the small formats have their values.
            uint bits = (uint)random.NextInt64(0x7F800000);
            float value = i % 2 == 0
                ? BitConverter.UInt32BitsToSingle(bits)
                : (float)Math.ScaleB(1 + random.NextDouble(), random.Next(-30, 18));
            Check(format, nearest, value);
        }
    }

    [Theory]
    [InlineData("E4M3", 448)]
    [InlineData("E5M2", 57344)]
    [InlineData("E5M6", 65024)]
    public void Saturation_keeps_everything_finite(string name, float largest)
    {
        FormatUnderTest format = FormatUnderTest.Named(name);
        foreach (float value in new[] { largest, largest * 1.5f, float.MaxValue, float.PositiveInfinity })
        {
            Assert.Equal(largest, format.ToSingle(format.FromSingleSaturating!(value)));
            Assert.Equal(-largest, format.ToSingle(format.FromSingleSaturating!(-value)));
        }
    }

    [Theory]
    [InlineData("E4M3", 464, 448, float.NaN)]
    [InlineData("E5M2", 61439.996f, 57344, float.PositiveInfinity)]
    [InlineData("E5M6", 65279.996f, 65024, float.PositiveInfinity)]
    public void Overflow_begins_halfway_to_the_value_that_is_missing(string name, float last, float largest, float beyond)
    {
        FormatUnderTest format = FormatUnderTest.Named(name);
        Assert.Equal(largest, format.ToSingle(format.FromSingle(last)));
        Assert.Equal(beyond, format.ToSingle(format.FromSingle(MathF.BitIncrement(last))));
    }

    private static void Check(FormatUnderTest format, NearestValue nearest, float value)
    {
        uint? found = nearest.Find(value);
        uint expected = found ?? format.Overflow;
        uint code = format.FromSingle(value);
        Assert.True(expected == code, $"{format.Name}: {value:r} became code 0x{code:X}, nearest is 0x{expected:X}.");
        Assert.Equal(expected | format.Sign, format.FromSingle(-value));
        if (format.FromSingleSaturating is { } saturating)
        {
            Assert.Equal(found ?? format.MaxFinite, saturating(value));
            Assert.Equal((found ?? format.MaxFinite) | format.Sign, saturating(-value));
        }
    }
}
