namespace Actors.Model.Checkpoint;

/// <summary>In which keys a config.json gives its rotary embedding.</summary>
[Flags]
internal enum RopeSpelling
{
    /// <summary><c>rope_theta</c> and <c>rope_scaling</c>.</summary>
    Older = 1,

    /// <summary><c>rope_parameters</c>.</summary>
    Present = 2,
}
