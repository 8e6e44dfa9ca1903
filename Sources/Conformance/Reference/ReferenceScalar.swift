private import Glibc

/// A number type that references compute in: Double for the truth, Float for the naive evaluation.
public protocol ReferenceScalar: BinaryFloatingPoint, Sendable {
  /// e to the power of `x`.
  static func exp(_ x: Self) -> Self
  /// Natural logarithm.
  static func log(_ x: Self) -> Self
  /// Gauss error function.
  static func erf(_ x: Self) -> Self
  /// Hyperbolic tangent.
  static func tanh(_ x: Self) -> Self
}

extension Double: ReferenceScalar {
  /// e to the power of `x`.
  public static func exp(_ x: Double) -> Double { Glibc.exp(x) }
  /// Natural logarithm.
  public static func log(_ x: Double) -> Double { Glibc.log(x) }
  /// Gauss error function.
  public static func erf(_ x: Double) -> Double { Glibc.erf(x) }
  /// Hyperbolic tangent.
  public static func tanh(_ x: Double) -> Double { Glibc.tanh(x) }
}

extension Float: ReferenceScalar {
  /// e to the power of `x`.
  public static func exp(_ x: Float) -> Float { expf(x) }
  /// Natural logarithm.
  public static func log(_ x: Float) -> Float { logf(x) }
  /// Gauss error function.
  public static func erf(_ x: Float) -> Float { erff(x) }
  /// Hyperbolic tangent.
  public static func tanh(_ x: Float) -> Float { tanhf(x) }
}
