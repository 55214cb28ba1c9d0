import Foundation
import MessagePack
import TestFixtures

/// A request that a real tracer sent, and what its body says according to Python's `msgpack`.
package struct CapturedRequest: Sendable, CustomStringConvertible {
  /// Such as `ddtrace-2.21-py3.13-v0.5-traces-1`.
  package let name: String
  package let format: TraceFormat
  package let body: [UInt8]
  /// `nil` for a body that ends before its document does.
  package let traces: [[PlainSpan]]?

  package var description: String { name }

  /// The same traces as a payload of another format of maps; `nil` where the body is not MessagePack's array of traces.
  package func twin(as other: TraceFormat) -> [UInt8]? {
    guard format == .v04, let document = try? MessagePackValue.unpack(body).value else { return nil }
    return other.payload(document).pack()
  }

  private struct Malformed: Error {
    let file: String
  }

  /// All captured requests that carry traces, in the order of their names.
  package static func all() throws -> [CapturedRequest] {
    let folder = Fixtures.folder.appending(path: "captured").path
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    return try files.filter { $0.hasSuffix(".expected.json") }.sorted()
      .map { try CapturedRequest(name: String($0.dropLast(".expected.json".count))) }
  }

  private init(name: String) throws {
    let request = try Fixtures.json("captured/\(name).json") as? [String: Any]
    let expected = try Fixtures.json("captured/\(name).expected.json") as? [String: Any]
    guard let path = request?["path"] as? String, let base64 = request?["body"] as? String,
      let body = Data(base64Encoded: base64), let traces = expected?["traces"]
    else { throw Malformed(file: name) }
    self.name = name
    self.body = [UInt8](body)
    format = path.hasPrefix("/v0.5/") ? .v05 : .v04
    if traces is NSNull {
      self.traces = nil
    } else if let traces = traces as? [[[String: Any]]] {
      self.traces = try traces.map { try $0.map { try PlainSpan(json: $0) } }
    } else {
      throw Malformed(file: name)
    }
  }
}
