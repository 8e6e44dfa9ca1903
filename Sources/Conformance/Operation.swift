public import Tensors

/// The two halves of an operation.
public enum Pass: String, CaseIterable, Sendable {
  case forward
  case backward
}

/// One operation at one size as the checkers see it: where its inputs come from, how a backend runs it, what the
/// answer is, and what it costs. Conformers are small values; `Case.all` lists them.
public protocol Operation: Sendable {
  /// What the operation is called on the command line and in tables.
  static var name: String { get }
  /// Extents and options, for a person.
  var size: String { get }
  /// What a backend writes, with the bound each must keep.
  var outputs: [Output] { get }
  /// Passes that the operation has.
  var passes: [Pass] { get }
  /// Outputs that are gradients of `objective`; empty where the operation has no derivative of its own.
  var gradients: [GradientPair] { get }
  /// Another thread count gives the same bits: nothing is left to a library's matrix product.
  var isIndependentOfThreads: Bool { get }

  /// A run sets something of the whole process for its time: nothing else may use the CPU backend meanwhile.
  var needsProcess: Bool { get }

  /// The same inputs for the same generator state.
  func inputs(from generator: inout Generator) -> Inputs
  /// Runs one pass on the tensors of `workspace`, which are named as inputs and outputs are.
  func run(_ pass: Pass, on backend: any Backend, in workspace: Workspace) throws(DeviceError)
  /// Every output, in Double, by the obvious formula.
  func reference(_ inputs: Values<Double>) -> Outcome<Double>
  /// The same formula in plain fp32, factors rounded as `inputs.precision` says, whose error says how well conditioned
  /// the inputs are.
  func naive(_ inputs: Values<Float>) -> Outcome<Float>
  /// The scalar whose derivatives `gradients` are: the outputs weighted with their upstream gradients.
  func objective(_ inputs: Values<Double>) -> Double
  /// What one run of `pass` must compute and move at least.
  func cost(of pass: Pass) -> Cost
}

extension Operation {
  /// Forward alone.
  public var passes: [Pass] { [.forward] }
  /// None.
  public var gradients: [GradientPair] { [] }
  /// Promised by every operation whose loops are the backend's own.
  public var isIndependentOfThreads: Bool { true }
  /// Left alone by most.
  public var needsProcess: Bool { false }
  /// Zero: an operation without gradients has no objective.
  public func objective(_ inputs: Values<Double>) -> Double { 0 }
}

/// An input and the output that holds the derivative of the objective by it, divided by `factor`.
public struct GradientPair: Sendable {
  /// Name of the input.
  public let input: String
  /// Name of the output.
  public let output: String
  /// derivative = factor · output.
  public let factor: Double

  /// Pairs `input` with its gradient `output`.
  public init(_ input: String, _ output: String, factor: Double = 1) {
    self.input = input
    self.output = output
    self.factor = factor
  }
}

/// Something that a backend writes.
public struct Output: Sendable {
  /// What the tensor holds before the run.
  public enum Start: Sendable {
    /// NaN in every element, so that an element left unwritten is seen.
    case undefined
    /// A copy of this input: the operation works in place, or adds.
    case startingAs(String)
    /// No tensor of its own: the one of this output, read again after a later pass.
    case sharing(String)
  }

  /// Name of the tensor in the workspace and of its expected values.
  public let name: String
  /// Extents.
  public let shape: [Int]
  /// After which pass it is read.
  public let pass: Pass
  /// Which deviation from the reference is rounding.
  public let tolerance: Tolerance
  /// What it holds before.
  public let start: Start
  /// Factors behind an element that a precision below fp32 rounds, and a plain evaluation in it does not round alike.
  public let roundedFactors: Int

  /// Describes one output.
  public init(
    _ name: String, _ shape: [Int], after pass: Pass = .forward, _ tolerance: Tolerance,
    _ start: Start = .undefined, roundedFactors: Int = 0
  ) {
    self.name = name
    self.shape = shape
    self.pass = pass
    self.tolerance = tolerance
    self.start = start
    self.roundedFactors = roundedFactors
  }
}
