//! The floats of 8 bits that candle lacks, as the bits of the `float32` that PyTorch makes of each.

use crate::checkpoint::scalar_type::ScalarType;

/// The position of a `float32`'s exponent, and its bias.
const EXPONENT: u32 = 23;
const BIAS: u32 = 127;
/// An infinity; with mantissa bits, a NaN.
const INFINITY: u32 = 0x7f80_0000;
/// The NaN that PyTorch makes of the types with only one: `fp8_fnuz_to_fp32_value` in `c10/util/Float8_fnuz_cvt.h`.
const NAN: u32 = INFINITY | 1;
/// What makes a NaN quiet.
const QUIET: u32 = 1 << 22;

/// How the bits of a type are divided: <https://arxiv.org/abs/2209.05433>, <https://arxiv.org/abs/2206.02915>.
struct Layout {
    mantissa: u32,
    bias: u32,
    /// Whether there are no infinities and no negative zero, whose pattern is the only NaN.
    is_fnuz: bool,
}

/// The bits of the `float32` that has the value of `byte`.
pub(super) fn float32_bits(dtype: ScalarType, byte: u8) -> u32 {
    match dtype {
        ScalarType::Float8E4M3Fnuz => decode(&Layout { mantissa: 3, bias: 8, is_fnuz: true }, byte),
        ScalarType::Float8E5M2Fnuz => decode(&Layout { mantissa: 2, bias: 16, is_fnuz: true }, byte),
        ScalarType::Float8E8M0Fnu => power_of_two(byte),
        _ => decode(&Layout { mantissa: 2, bias: 15, is_fnuz: false }, byte),
    }
}

fn decode(layout: &Layout, byte: u8) -> u32 {
    let (sign, bits) = (u32::from(byte >> 7) << 31, u32::from(byte & 0x7f));
    let (exponent, mantissa) = (bits >> layout.mantissa, bits & ((1 << layout.mantissa) - 1));
    // The mantissa at the place where a `float32` has it.
    let fraction = mantissa << (EXPONENT - layout.mantissa);
    if layout.is_fnuz && byte == 0x80 {
        return NAN;
    }
    if !layout.is_fnuz && exponent == 0x1f {
        return sign | INFINITY | if fraction == 0 { 0 } else { fraction | QUIET };
    }
    let normal = |exponent: u32| (exponent + BIAS - layout.bias) << EXPONENT;
    if exponent > 0 {
        return sign | normal(exponent) | fraction;
    }
    // A subnormal value: a normal one of the lowest exponent, without its leading one.
    let value = f32::from_bits(normal(1) | fraction) - f32::from_bits(normal(1));
    sign | value.to_bits()
}

/// `2^(byte - 127)`, of which the lowest is subnormal.
fn power_of_two(byte: u8) -> u32 {
    match byte {
        0 => 1 << (EXPONENT - 1),
        0xff => NAN,
        exponent => u32::from(exponent) << EXPONENT,
    }
}
