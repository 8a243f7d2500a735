namespace Actors.Schedules.Drawing;

/// <summary>What lies above what, from the bottom up.</summary>
internal enum SvgLayer
{
    Bubble,
    Box,
    Bar,
    Frame,
    Axis,
}
