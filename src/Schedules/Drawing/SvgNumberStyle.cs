namespace Actors.Schedules.Drawing;

/// <summary>A size of numbers in boxes.</summary>
/// <param name="Size">Height of the type, in pixels.</param>
/// <param name="DarkClass">Class of dark digits, for light fills.</param>
/// <param name="LightClass">Class of light digits, for dark fills.</param>
internal sealed record SvgNumberStyle(double Size, string DarkClass, string LightClass)
{
    public string ClassOn(ActionKind kind) => SvgStyle.HasLightInk(kind) ? LightClass : DarkClass;
}
