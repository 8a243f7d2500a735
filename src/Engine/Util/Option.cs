namespace Akka.Util;

/// <summary>A value that may be absent, told apart from a null that is present.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public readonly struct Option<T> : IEquatable<Option<T>>
{
    /// <summary>The option without a value.</summary>
    public static readonly Option<T> None;

    private readonly T _value;

    /// <summary>An option that holds <paramref name="value"/>.</summary>
    public Option(T value)
    {
        _value = value;
        HasValue = true;
    }

    /// <summary>Whether there is a value.</summary>
    public bool HasValue { get; }

    /// <summary>True when there is no value.</summary>
    public bool IsEmpty => !HasValue;

    /// <summary>The value, or the type's default when there is none.</summary>
    public T Value => _value;

    /// <summary>The value, or <paramref name="fallbackValue"/> when there is none.</summary>
    public T GetOrElse(T fallbackValue) => HasValue ? _value : fallbackValue;

    /// <inheritdoc/>
    public bool Equals(Option<T> other) =>
        HasValue == other.HasValue && EqualityComparer<T>.Default.Equals(_value, other._value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Option<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HasValue && _value is not null ? EqualityComparer<T>.Default.GetHashCode(_value) : 0;

    /// <inheritdoc/>
    public override string ToString() => HasValue ? $"Some<{_value}>" : "None";
}
