namespace Actors.Schedules.Drawing;

/// <summary>A rectangle in pixels.</summary>
internal readonly record struct SvgBox(double Left, double Top, double Width, double Height)
{
    public double Bottom => Top + Height;

    public double Middle => Top + Height / 2;

    /// <summary>The rectangle between two edges, both rounded as they are written, so that neighbours touch.</summary>
    public static SvgBox Between(double left, double right, double top, double height)
    {
        var rounded = Math.Round(left, 1);
        return new SvgBox(rounded, top, Math.Round(Math.Round(right, 1) - rounded, 1), height);
    }

    public SvgBox UpperHalf() => this with { Height = Height / 2 };

    public SvgBox LowerHalf() => this with { Top = Top + Height / 2, Height = Height / 2 };
}
