namespace Actors.Model.Parameters;

/// <summary>What a fresh parameter holds.</summary>
public enum InitialValue
{
    /// <summary>Normal numbers with mean 0 and the config's <c>initializer_range</c>.</summary>
    Normal,

    /// <summary>Ones: the weights of norms.</summary>
    One,

    /// <summary>Zeros: the gate's correction bias.</summary>
    Zero,
}
