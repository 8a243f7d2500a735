namespace Actors.Tensors.Quantized;

/// <summary>Which scales a quantization takes.</summary>
public enum ScaleKind
{
    /// <summary>The largest magnitude becomes the format's largest value: a float32.</summary>
    Float32,

    /// <summary>That rounded up to a power of two, so that scaling itself rounds nothing.</summary>
    PowerOfTwo,
}
