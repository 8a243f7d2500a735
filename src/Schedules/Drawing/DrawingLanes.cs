using System.Globalization;

namespace Actors.Schedules.Drawing;

/// <summary>
/// What a picture tells apart on a rank beside the kind of work: the stages that it holds, and the directions. A lane is one of them; it
/// has a colour of its own and a mark that can be seen without colour. More than <see cref="Most"/> share them in turn.
/// </summary>
internal sealed class DrawingLanes
{
    /// <summary>Number of colours and marks.</summary>
    public const int Most = 4;

    private static readonly string[] Ordinals = ["first", "second", "third", "fourth"];

    private readonly Placement _placement;
    private readonly int[][] _placeOnRank;
    private readonly int _perDirection;

    public DrawingLanes(Placement placement)
    {
        _placement = placement;
        _placeOnRank = new int[placement.Directions][];
        for (var direction = 0; direction < _placeOnRank.Length; direction++)
        {
            _placeOnRank[direction] = PlacesOnRank(placement, direction);
            _perDirection = Math.Max(_perDirection, _placeOnRank[direction].Max() + 1);
        }

        Count = Math.Min(placement.Directions * _perDirection, Most);
    }

    /// <summary>Number of lanes that are drawn differently.</summary>
    public int Count { get; }

    /// <summary>The lane of an action that is no pair, from 0.</summary>
    public int Of(in StageAction action)
    {
        var direction = _placement.DirectionOf(action.MicroBatch);
        return (direction * _perDirection + PlaceOf(action)) % Most;
    }

    /// <summary>Which of its rank's stages in its direction an action that is no pair belongs to, from 0.</summary>
    public int PlaceOf(in StageAction action) => _placeOnRank[_placement.DirectionOf(action.MicroBatch)][action.Stage];

    /// <summary>What a lane is, for a legend.</summary>
    public string NameOf(int lane)
    {
        var (direction, place) = Math.DivRem(lane, _perDirection);
        var stages = _perDirection > 1 ? $"{Ordinals[place]} stage of a rank{StagesOf(direction, place)}" : "";
        var entry = _placement.RanksOfDirection(direction)[0];
        var way = _placement.Directions > 1
            ? string.Create(CultureInfo.InvariantCulture, $"{Ordinals[direction]} direction, from rank {entry}")
            : "";
        var name = way.Length > 0 && stages.Length > 0 ? $"{way}, {stages}" : way + stages;
        return lane + Most < _placement.Directions * _perDirection ? $"{name}, and each fourth after it" : name;
    }

    // Their numbers, where they follow each other.
    private string StagesOf(int direction, int place)
    {
        var places = _placeOnRank[direction].AsSpan();
        var (first, last) = (places.IndexOf(place), places.LastIndexOf(place));
        return last - first + 1 == places.Count(place) ? string.Create(CultureInfo.InvariantCulture, $" ({first} to {last})") : "";
    }

    // Of each stage, how many stages before it its rank holds in the same direction.
    private static int[] PlacesOnRank(Placement placement, int direction)
    {
        var held = new int[placement.Ranks];
        var places = new int[placement.Stages];
        for (var stage = 0; stage < places.Length; stage++)
        {
            places[stage] = held[placement.RanksOfDirection(direction)[stage]]++;
        }

        return places;
    }
}
