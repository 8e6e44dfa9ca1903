internal import CKernels

/// The processors and libraries that the CPU backend uses.
public enum Host {
  /// Threads that the C halves work on, the caller included. Set it before the first operation.
  public static var threadCount: Int {
    get { Int(ck_threadCount()) }
    set {
      precondition(newValue >= 1, "at least one thread works; \(newValue) were asked for")
      ck_setThreadCount(Int32(newValue))
    }
  }

  /// Processors that this process may run on.
  public static var processorCount: Int { Int(ck_processorCount()) }

  /// The most memory that this process has held at once, in bytes.
  public static var peakMemory: Int { Int(ck_peakMemory()) }

  /// Instruction set that the loops were dispatched to.
  public static var instructionSet: String { unsafe String(cString: ck_instructionSet()) }

  /// What the CPU backend computes in: fp32, and bf16 where the processor has AVX512_BF16.
  public static var precisions: [Precision] { ck_hasBFloat16Product() ? [.fp32, .bf16] : [.fp32] }

  /// What multiplies matrices in fp32.
  public static var matrixLibrary: MatrixLibrary {
    let description = unsafe ck_blasDescription()
    return unsafe MatrixLibrary(
      isBuiltIn: description.isBuiltIn, path: String(cString: description.path),
      version: String(cString: description.version), tried: String(cString: description.tried))
  }

  /// Multiplies matrices by this product from now on.
  public static func multiply(by product: MatrixProduct) {
    ck_chooseProduct(CKProductChoice(rawValue: product.rawValue) ?? .fastest)
  }
}

/// Who multiplies matrices.
public enum MatrixProduct: Int32, Sendable {
  /// The built-in product with AVX-512, otherwise OpenBLAS where it is found. A library that PURE_OPENBLAS names is taken.
  case fastest = 0
  /// The built-in product, whose bits do not depend on the thread count.
  case builtIn = 1
  /// OpenBLAS, where it is found.
  case openBLAS = 2
}

/// A library of matrix products, opened at run time.
public struct MatrixLibrary: Sendable {
  /// Pure's own product is used: it is the faster one, or no library was found.
  public let isBuiltIn: Bool
  /// Where it was found; empty for the built-in product.
  public let path: String
  /// As the library describes itself.
  public let version: String
  /// Every name that was tried; empty where none was needed.
  public let tried: String
}
