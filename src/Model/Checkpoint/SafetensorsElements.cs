using System.Runtime.InteropServices;
using Actors.Tensors.Formats;

namespace Actors.Model.Checkpoint;

/// <summary>Element types: sizes, names in files, and conversion of little-endian bytes to and from what the model computes with.</summary>
internal static class SafetensorsElements
{
    private const int ExponentBias = 127, MantissaBits = 23;
    private const byte NotANumber = 255;

    public static int SizeInBytes(SafetensorsType type) => type switch
    {
        SafetensorsType.F64 or SafetensorsType.I64 => 8,
        SafetensorsType.F32 or SafetensorsType.I32 => 4,
        SafetensorsType.F16 or SafetensorsType.BF16 => 2,
        SafetensorsType.U8 or SafetensorsType.BOOL or SafetensorsType.E4M3 or SafetensorsType.E8M0 => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not an element type."),
    };

    /// <summary>The type of that name.</summary>
    public static SafetensorsType Parse(string? name) => name switch
    {
        "F64" => SafetensorsType.F64,
        "F32" => SafetensorsType.F32,
        "F16" => SafetensorsType.F16,
        "BF16" => SafetensorsType.BF16,
        "F8_E4M3" => SafetensorsType.E4M3,
        "F8_E8M0" => SafetensorsType.E8M0,
        "I64" => SafetensorsType.I64,
        "I32" => SafetensorsType.I32,
        "U8" => SafetensorsType.U8,
        "BOOL" => SafetensorsType.BOOL,
        _ => SafetensorsType.Other,
    };

    /// <summary>A type's name in files.</summary>
    public static string NameOf(SafetensorsType type) => type switch
    {
        SafetensorsType.E4M3 => "F8_E4M3",
        SafetensorsType.E8M0 => "F8_E8M0",
        _ => type.ToString(),
    };

    /// <summary>Whether elements are values of their own: codes of E4M3 are none without their scales.</summary>
    public static bool IsFloat(SafetensorsType type) =>
        type is SafetensorsType.F64 or SafetensorsType.F32 or SafetensorsType.F16 or SafetensorsType.BF16 or SafetensorsType.E8M0;

    public static bool IsInteger(SafetensorsType type) => type is SafetensorsType.I64 or SafetensorsType.I32 or SafetensorsType.U8 or SafetensorsType.BOOL;

    /// <summary>Values of a float type; F64 is rounded to the nearest float32.</summary>
    public static void ToFloats(SafetensorsType type, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        switch (type)
        {
            case SafetensorsType.F32:
                bytes.CopyTo(MemoryMarshal.AsBytes(values));
                break;
            case SafetensorsType.BF16:
                BFloat16.ToSingle(MemoryMarshal.Cast<byte, ushort>(bytes), values);
                break;
            case SafetensorsType.F16:
                ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(bytes);
                for (int i = 0; i < halves.Length; i++)
                {
                    values[i] = (float)halves[i];
                }

                break;
            case SafetensorsType.E8M0:
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = bytes[i] == NotANumber ? float.NaN : MathF.ScaleB(1, bytes[i] - ExponentBias);
                }

                break;
            default:
                ReadOnlySpan<double> doubles = MemoryMarshal.Cast<byte, double>(bytes);
                for (int i = 0; i < doubles.Length; i++)
                {
                    values[i] = (float)doubles[i];
                }

                break;
        }
    }

    /// <summary>Bytes of a float type, rounded to nearest, ties to even; to E8M0 only powers of two.</summary>
    public static void FromFloats(SafetensorsType type, ReadOnlySpan<float> values, Span<byte> bytes)
    {
        switch (type)
        {
            case SafetensorsType.F32:
                MemoryMarshal.AsBytes(values).CopyTo(bytes);
                break;
            case SafetensorsType.BF16:
                BFloat16.FromSingle(values, MemoryMarshal.Cast<byte, ushort>(bytes));
                break;
            case SafetensorsType.F16:
                Span<Half> halves = MemoryMarshal.Cast<byte, Half>(bytes);
                for (int i = 0; i < values.Length; i++)
                {
                    halves[i] = (Half)values[i];
                }

                break;
            case SafetensorsType.E8M0:
                for (int i = 0; i < values.Length; i++)
                {
                    // The exponent's bits of a power of two; the least, 2^-127, has none.
                    bytes[i] = (byte)(BitConverter.SingleToUInt32Bits(values[i]) >> MantissaBits);
                }

                break;
            default:
                Span<double> doubles = MemoryMarshal.Cast<byte, double>(bytes);
                for (int i = 0; i < values.Length; i++)
                {
                    doubles[i] = values[i];
                }

                break;
        }
    }

    /// <summary>Values of an integer type.</summary>
    public static void ToLongs(SafetensorsType type, ReadOnlySpan<byte> bytes, Span<long> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = type switch
            {
                SafetensorsType.I64 => MemoryMarshal.Cast<byte, long>(bytes)[i],
                SafetensorsType.I32 => MemoryMarshal.Cast<byte, int>(bytes)[i],
                _ => bytes[i],
            };
        }
    }

    /// <summary>Bytes of an integer type.</summary>
    /// <exception cref="OverflowException">A value does not fit.</exception>
    public static void FromLongs(SafetensorsType type, ReadOnlySpan<long> values, Span<byte> bytes)
    {
        for (int i = 0; i < values.Length; i++)
        {
            switch (type)
            {
                case SafetensorsType.I64:
                    MemoryMarshal.Cast<byte, long>(bytes)[i] = values[i];
                    break;
                case SafetensorsType.I32:
                    MemoryMarshal.Cast<byte, int>(bytes)[i] = checked((int)values[i]);
                    break;
                default:
                    bytes[i] = checked((byte)values[i]);
                    break;
            }
        }
    }
}
