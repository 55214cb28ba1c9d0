import CCares

/// What the name servers of a network say of one name and one kind of address.
enum DNSAnswer: Sendable, Equatable {
  /// Numeric addresses; none when the name exists without any of this kind.
  case addresses([String])
  /// NXDOMAIN, and what is no name at all.
  case noSuchName
  /// Every server that can be reached refuses, fails, or answers what cannot be read.
  case failure
  /// No server answered in time.
  case silence

  var addresses: [String] { if case .addresses(let found) = self { found } else { [] } }
}

/// Where one query leaves its answer. Used by the thread that asks.
final class DNSReply {
  /// Kinds of addresses, by the numbers of their records.
  enum Kind: CInt, CaseIterable {
    case ipv4 = 1
    case ipv6 = 28
  }

  /// `nil` until c-ares has called back.
  private(set) var answer: DNSAnswer?
  private let kind: Kind
  private let library: DNSLibrary

  init(_ kind: Kind, _ library: DNSLibrary) {
    self.kind = kind
    self.library = library
  }

  /// Takes what c-ares calls back with: its status, and the answer as it came over the network.
  func read(_ status: CInt, _ bytes: UnsafeBufferPointer<UInt8>) {
    switch status {
    case cares_success: answer = addresses(in: bytes).map { .addresses($0) } ?? .failure
    case cares_no_data: answer = .addresses([])
    case cares_no_such_name, cares_bad_name: answer = .noSuchName
    case cares_timed_out, cares_closed: answer = .silence
    default: answer = .failure
    }
  }

  /// `nil` for an answer that cannot be read.
  private func addresses(in bytes: UnsafeBufferPointer<UInt8>) -> [String]? {
    var functions = library.functions
    let size = kind == .ipv4 ? 4 : 16
    var found = [UInt8](repeating: 0, count: 16 * Int(cares_addresses_max))
    let count = Int(cares_addresses(&functions, kind.rawValue, bytes.baseAddress, CInt(clamping: bytes.count), &found))
    return count < 0 ? nil : (0..<count).map { NumericAddress.text(Array(found[$0 * size..<($0 + 1) * size])) }
  }
}
