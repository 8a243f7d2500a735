using Actors.Tensors.Quantized;

namespace Actors.Tensors.Tests.Quantized;

public sealed class TileCutsTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(128, 128)]
    [InlineData(129, 129)]
    [InlineData(300, 300)]
    [InlineData(300, 0)]
    [InlineData(300, 100)]
    [InlineData(512, 256)]
    [InlineData(513, 130)]
    public void Tiles_cover_every_element_once_and_none_has_both_parts(int length, int second)
    {
        var cuts = new TileCuts(length, second);
        int at = 0;
        for (int tile = 0; tile < cuts.Count; tile++)
        {
            Assert.Equal(at, cuts.Start(tile));
            Assert.InRange(cuts.Size(tile), 1, TileCuts.TileElements);
            Assert.False(at < second && at + cuts.Size(tile) > second);
            for (int element = at; element < at + cuts.Size(tile); element++)
            {
                Assert.Equal(tile, cuts.TileOf(element));
            }

            at += cuts.Size(tile);
        }

        Assert.Equal(length, at);
    }

    [Fact]
    public void Groups_of_rows_have_places_enough()
    {
        var random = new Random(1);
        for (int trial = 0; trial < 2000; trial++)
        {
            int groups = random.Next(1, 9), rows = random.Next(700), end = 0;
            int[] offsets = [0, .. Enumerable.Range(1, groups - 1).Select(_ => random.Next(rows + 1)).Order(), rows];
            for (int group = 0; group < groups; group++)
            {
                int place = QuantizedTokens.PlaceOf(group, offsets[group]);
                Assert.True(place >= end, $"{string.Join(' ', offsets)}: group {group} begins at {place}, where the one before it is.");
                end = place + TileCuts.Covering(offsets[group + 1] - offsets[group]);
            }

            Assert.True(end <= QuantizedTokens.Places(rows, groups));
        }
    }
}
