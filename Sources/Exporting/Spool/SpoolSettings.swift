/// Where payloads are kept on disk that a destination does not take, and how much of it.
package struct SpoolSettings: Sendable, Equatable {
  /// The folder of all destinations; made when something is to be kept.
  package var folder: String
  /// Bytes for each destination. Of an intake of Datadog's an eighth is for statistics, and the rest for traces.
  package var bytesMax: Int
  /// What is kept there survives a loss of power, before its maker is told that it is there.
  package var isDurable: Bool

  package init(folder: String, bytesMax: Int, isDurable: Bool = false) {
    self.folder = folder
    self.bytesMax = bytesMax
    self.isDurable = isDurable
  }

  /// An eighth is left to payloads of other kinds, which are few and small. Where OTLP goes there is no other.
  func bytesMax(of kind: OutgoingPayload.Kind) -> Int {
    kind.isOTLP ? bytesMax : kind == .traces ? bytesMax - bytesMax / 8 : bytesMax / 8
  }

  /// The folder of one kind of payload for one destination. It stays the same when the destination's key changes: what a
  /// wrong key kept here is to leave with the right one. So does that of OTLP when its compression changes: each body says
  /// how it is compressed.
  ///
  /// - Parameter isAddressShared: other keys have the same address. What waits for one of them must never leave with another
  ///   one, so that the folder's name has a checksum of the key.
  func folder(of destination: Destination, _ kind: OutgoingPayload.Kind, isAddressShared: Bool) -> String {
    let readable = destination.label.utf8.map { byte -> UInt8 in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
        byte
      default: UInt8(ascii: "_")
      }
    }
    let sum = String(SpoolRecordHead.checksum([UInt8](destination.label.utf8)), radix: 16)
    let name = String(decoding: readable.prefix(80), as: UTF8.self)
    // Two may differ in their compression alone.
    let secrets = (destination.headers.map(\.value) + (kind.isOTLP ? [kind.rawValue] : [])).joined(separator: "\n")
    let key = isAddressShared ? "-" + String(SpoolRecordHead.checksum([UInt8](secrets.utf8)), radix: 16) : ""
    return "\(folder)/\(name)-\(sum)\(key)-\(kind.isOTLP ? "otlp" : kind.rawValue)"
  }
}
