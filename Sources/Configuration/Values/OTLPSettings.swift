import Addresses

/// How traces of OpenTelemetry are taken.
package struct OTLPSettings: Sendable, Equatable {
  /// False: no port is opened for them.
  package var isEnabled = true
  /// Where exporters send to over HTTP; nil is port 4318 beside the trace port's default.
  package var endpoint: OTLPEndpoint?
  /// Where they send to over gRPC; nil is port 4317 beside the trace port's default.
  package var grpcEndpoint: OTLPEndpoint?
  /// Of one message over gRPC in MiB; nil is what any payload may have.
  package var messageMiBMax: Int?
  /// Calls of gRPC that may be open on one connection.
  package var callsMax = 100
  /// An operation is called as the span, and not after its scope and kind.
  package var spanNameIsOperation = false
  /// Operations that are called otherwise.
  package var renamedOperations: [OperationRename] = []
  /// The part of traces without a priority that is kept, 0…100.
  package var samplingPercentage = 100.0

  /// The ports that exporters use unless told otherwise.
  package static let defaultPort: UInt16 = 4318
  package static let defaultGRPCPort: UInt16 = 4317

  /// What is done when nothing is configured.
  package init() {}
}

/// A place to listen at for OTLP.
package struct OTLPEndpoint: Sendable, Equatable, CustomStringConvertible {
  /// An address or a name, without brackets; empty for all addresses.
  package var host: String
  /// 0 takes any free one.
  package var port: UInt16

  /// A place as a host and a port.
  package init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// As it is written in a configuration: `localhost:4318`.
  package var description: String { host.isEmpty ? ":\(port)" : "\(SocketAddress.tcp(host: host, port: port))" }

  /// Reads a host and a port; without a host all addresses are meant.
  static func read(_ text: String) throws(BadValue) -> OTLPEndpoint {
    let place = text.hasPrefix("http://") ? String(text.dropFirst("http://".count)) : text
    if place.hasPrefix(":"), let port = UInt16(place.dropFirst()) { return OTLPEndpoint(host: "", port: port) }
    guard case .tcp(let host, let port)? = SocketAddress(place) else {
      throw BadValue("\(QuotedText.quoted(text)) is not HOST:PORT")
    }
    return OTLPEndpoint(host: host, port: port)
  }
}

/// A place to listen at, and why.
package struct OTLPPlace: Sendable, Equatable {
  package let endpoint: OTLPEndpoint
  /// Nobody asked for it: exporters expect it.
  package let isOptional: Bool
  /// Exporters send there over gRPC.
  package let isForCalls: Bool
}

/// What an operation is called, and what it is to be called.
package struct OperationRename: Sendable, Equatable {
  package let from: String
  package let to: String

  /// One rule of the setting `span_name_remappings`, as it is applied.
  package init(from: String, to: String) {
    self.from = from
    self.to = to
  }

  /// As it is written in a variable.
  var text: String { "\(from)=\(to)" }
}

extension OptionSlot {
  /// A mapping of names; in a text `from=to`, separated by commas.
  static func renames(_ node: YAMLNode) throws(BadValue) -> [OperationRename] {
    switch node.content {
    case .mapping(let entries):
      var renames: [OperationRename] = []
      for entry in entries {
        guard case .scalar(let to, _) = entry.value.content else {
          throw BadValue("\(QuotedText.quoted(entry.name)): a name is expected here", line: entry.line)
        }
        renames.append(OperationRename(from: entry.name, to: to))
      }
      return renames
    case .scalar(let text, _):
      var renames: [OperationRename] = []
      for entry in ListText.entries(of: String(ListText.withoutQuotes(text[...])), at: .commas, arePatterns: false) {
        guard let equals = entry.lastIndex(of: "=") else {
          throw BadValue("\(QuotedText.quoted(entry)) has no new name; write from=to")
        }
        renames.append(
          OperationRename(from: String(entry[..<equals]), to: String(entry[entry.index(after: equals)...])))
      }
      return renames
    case .sequence: throw BadValue("a mapping of names to names is expected here")
    }
  }
}

extension AgentConfiguration {
  /// Where OTLP is taken, besides the trace port.
  ///
  /// Unless an address is set, that is so only beside the trace port that everybody expects: an agent on another port is
  /// often one of several on the machine.
  package var otlpAddresses: [OTLPPlace] {
    guard otlp.isEnabled else { return [] }
    return places(otlp.endpoint, else: OTLPSettings.defaultPort, isForCalls: false)
      + places(otlp.grpcEndpoint, else: OTLPSettings.defaultGRPCPort, isForCalls: true)
  }

  private func places(_ set: OTLPEndpoint?, else port: UInt16, isForCalls: Bool) -> [OTLPPlace] {
    func places(_ hosts: [String], _ port: UInt16) -> [OTLPPlace] {
      hosts.map {
        OTLPPlace(endpoint: OTLPEndpoint(host: $0, port: port), isOptional: set == nil, isForCalls: isForCalls)
      }
    }
    if let set {
      return places(
        set.host.isEmpty || AddressKind.isUnspecified(set.host) ? ["0.0.0.0", "::"] : [set.host], set.port)
    }
    return receiverPort == Self.expectedReceiverPort ? places(receiverHosts, port) : []
  }

  /// The trace port that tracers send to unless told otherwise.
  private static let expectedReceiverPort = 8126
}
