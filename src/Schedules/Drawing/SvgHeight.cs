namespace Actors.Schedules.Drawing;

/// <summary>How high a box is: a row, half of one for a part of a pair, or a legend's swatch or half of one.</summary>
internal enum SvgHeight
{
    Row,
    Half,
    Swatch,
    HalfSwatch,
}
