import JSON
import Receiver

/// Answers clients that ask for remote configuration: nothing is set. They ask every few seconds, and are content with it.
///
/// `{}` is what Datadog's agent answers where it has nothing new for a client: no roots, no targets, no files.
struct RemoteConfiguration: ProductEndpoint {
  /// A client describes itself and the files that it holds, of which there are none from here.
  private static let bytesMax = 64 << 10

  private let services: ProductServices

  init(_ services: ProductServices) { self.services = services }

  func receive(_ request: borrowing Request, headers: [AnswerHeader]) -> ProductReply {
    let bytes = request.body.count
    services.accounts.receive(.remoteConfiguration, bytes: bytes, atNs: services.clock.nowNs)
    do throws(ProductRefusal) {
      guard bytes <= Self.bytesMax, Self.beginsObject(request.body),
        case .object = try services.document(Array(request.body))
      else {
        throw ProductRefusal(status: 400, reason: .invalid, text: "this is no request for configuration")
      }
    } catch {
      services.accounts.end(.remoteConfiguration, bytes: bytes, .dropped(error.reason))
      return ProductReply(
        outcome: .refused(reason: error.reason.rawValue),
        reply: .now(Answer(status: error.status, text: error.text + "\n", headers: headers)))
    }
    services.accounts.end(.remoteConfiguration, bytes: bytes, .answered)
    return ProductReply(outcome: .taken, reply: .now(ForwardedProduct.empty(status: 200, headers)))
  }

  private static func beginsObject(_ body: UnsafeRawBufferPointer) -> Bool {
    body.first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: "{")
  }

  func noteBroken(_ request: borrowing RejectedRequest) {
    services.accounts.receive(.remoteConfiguration, bytes: request.bytesReceived, atNs: services.clock.nowNs)
    services.accounts.end(
      .remoteConfiguration, bytes: request.bytesReceived, .broken("\(request.reason.dropReason)"))
  }
}
