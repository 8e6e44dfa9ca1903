internal import Files
public import Stages
internal import Tensors
internal import Training

/// The worker's side of a sweep: does the stages that it is asked for, one after the other.
public struct StageServer {
  private let executor: any StageExecutor

  /// A server whose stages an executor does.
  public init(executor: any StageExecutor) { self.executor = executor }

  /// Does one stage and says how it ended: `.done`, `.failed`, `.stopped`, or `.fault` where the
  /// device has failed and the process is of no more use.
  public func perform(
    _ order: StageOrder, report: @escaping (StageProgress) -> Void,
    isCancelled: @escaping () -> Bool
  ) -> WorkerNews {
    let own = executor.environment.precision
    if let wanted = order.stage.precision, wanted != own {
      return .failed("the stage is to be done in \(wanted), and this worker computes in \(own)")
    }
    do {
      _ = try ArtifactStore(order.store).perform(
        order.stage, with: executor, earlierFault: order.earlierFault, report: report,
        isCancelled: isCancelled)
      return .done
    } catch is Interruption {
      return .stopped
    } catch DeviceError.fault(let device, let call, let code, let text) {
      return .fault("\(DeviceError.fault(device: device, call: call, code: code, text: text))")
    } catch {
      return .failed("\(error)")
    }
  }
}
