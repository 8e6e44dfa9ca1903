public import Files
internal import Tensors

/// The worker's side of a sweep: does the stages that it is asked for, one after the other.
public struct StageServer {
  private let stages: [String: Stage]
  private let store: ArtifactStore
  private let executor: any StageExecutor

  /// Finds the stages of a job.
  ///
  /// - Parameter node: what `WorkerJob.json` holds.
  /// - Throws: `InputError` when it is no job.
  public init(_ node: JSONNode, executor: any StageExecutor) throws(InputError) {
    let file = try node.required("file").string()
    let plan = try Plan(
      JSONNode(node.required("plan").value, file: file),
      setting: node.required("settings").texts())
    let precision: Precision = try node.required("precision").name()
    let hasher = try ContentHasher(node.required("hashes"))
    var stages: [String: Stage] = [:]
    for cell in plan.cells {
      for stage in try CellStages(cell, hasher, in: precision).all { stages[stage.key] = stage }
    }
    self.stages = stages
    store = ArtifactStore(directory: try node.required("directory").string())
    self.executor = executor
  }

  /// Does one stage and says how it ended: `.done`, `.failed`, `.stopped`, or `.fault` where the device has failed and
  /// the process is of no more use.
  public func perform(
    _ order: StageOrder, report: @escaping (StageProgress) -> Void,
    isCancelled: @escaping () -> Bool
  ) -> WorkerNews {
    guard let stage = stages[order.key] else {
      return .failed("the plan has no stage \(order.key)")
    }
    do {
      var inputs: [Stage.Role: String] = [:]
      for input in stage.inputs {
        switch input.source {
        case .path(let path, _): inputs[input.role] = path
        case .stage(let key):
          guard let source = stages[key], let entry = try store.entry(for: source) else {
            return .failed("its input \(input.role.rawValue) is not in the store")
          }
          inputs[input.role] = entry.path
        }
      }
      _ = try store.perform(
        stage, with: executor, inputs: inputs, earlierFault: order.earlierFault, report: report,
        isCancelled: isCancelled)
      return .done
    } catch is CancellationError {
      return .stopped
    } catch DeviceError.fault(let device, let call, let code, let text) {
      return .fault("\(DeviceError.fault(device: device, call: call, code: code, text: text))")
    } catch {
      return .failed("\(error)")
    }
  }
}
