import Configuration
import Platform

/// The name under which the host's traces and statistics are reported.
struct ReportedHostname: Equatable {
  /// The machine's own where no other is given; empty on Fargate, where there is no host.
  let name: String
  /// What is to be logged when a file was to give the name and does not, or when the name is that of a container: the
  /// host's traces then part from its metrics.
  let warning: String?

  /// Bytes that are read; a line may have blanks around the name.
  private static let bytesMax = 1_024
  /// Longest name that DNS has.
  private static let nameBytesMax = 253

  init(name: String, warning: String?) {
    self.name = name
    self.warning = warning
  }

  /// The name set, else that in the file set, else that of the Kubernetes node, else the machine's own, with its domain
  /// where that is wanted: as in the Datadog agent, but that no cloud and no orchestrator is asked.
  /// - Parameters:
  ///   - own: the machine's name.
  ///   - isOfContainer: whether `own` names a container and not its host.
  ///   - fullName: looks up the whole of it.
  init(
    _ configuration: AgentConfiguration, own: String = SystemFacts.hostname,
    isOfContainer: Bool = SystemFacts.isHostnameOfContainer,
    fullName: (String) throws(ResolutionFailure) -> String = { host throws(ResolutionFailure) in
      try CanonicalName.resolve(host, atMost: .seconds(2))
    }
  ) {
    if let hostname = configuration.hostname {
      (name, warning) = (hostname, nil)
      return
    }
    var faults: [String] = []
    if let path = configuration.hostnameFile {
      do throws(Fault) {
        (name, warning) = (try Self.firstLine(of: path), nil)
        return
      } catch {
        faults.append("hostname_file: \(path): \(error.text)")
      }
    }
    if configuration.isOnFargate {
      (name, warning) = ("", faults.first.map { $0 + "; no host's name is reported: there is none on Fargate" })
      return
    }
    if let node = configuration.kubernetesNodeName {
      (name, warning) = (node, faults.first.map { $0 + "; the node's name \(node) is reported" })
      return
    }
    if configuration.usesFullHostname, !isOfContainer {
      do throws(Fault) {
        name = try Self.fullName(of: own, fullName)
        warning = faults.isEmpty ? nil : faults[0] + "; the machine's full name \(name) is reported"
        return
      } catch {
        faults.append("hostname_fqdn: \(error.text)")
      }
    }
    name = own
    if isOfContainer, Forwarding.place(configuration) != nil {
      faults.append("hostname: \(own) is the name of a container; set DD_HOSTNAME to that of its host")
    }
    warning =
      faults.isEmpty ? nil : faults.joined(separator: "; ") + "; the machine's own name \(own) is reported"
  }

  private static func fullName(
    of own: String, _ look: (String) throws(ResolutionFailure) -> String
  ) throws(Fault) -> String {
    let found: String
    do throws(ResolutionFailure) {
      found = try look(own)
    } catch {
      throw Fault(text: "the full name of \(own) is not known (\(error.reason))")
    }
    guard !found.isEmpty, found.utf8.count <= nameBytesMax, found.utf8.allSatisfy(isOfName) else {
      throw Fault(text: "the full name of \(own) is no host's name")
    }
    // What /etc/hosts of many machines says of themselves.
    guard found != "localhost", !found.hasPrefix("localhost.") else {
      throw Fault(text: "the full name of \(own) is \(found), as of any machine")
    }
    return found
  }

  /// Why a file gives no name.
  private struct Fault: Error {
    let text: String
  }

  private static func firstLine(of path: String) throws(Fault) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw Fault(text: systemErrorText(errno)) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: bytesMax)
    let count = read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw Fault(text: systemErrorText(errno)) }
    let line = bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }
    let name = line.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
    guard !name.isEmpty else { throw Fault(text: "its first line is empty") }
    guard name.count <= nameBytesMax else { throw Fault(text: "its first line is longer than a host's name can be") }
    guard name.allSatisfy(isOfName) else { throw Fault(text: "its first line is no host's name") }
    return String(decoding: name, as: UTF8.self)
  }

  /// Letters, digits, hyphens and dots (RFC 1123), and the underscore that many hosts have all the same.
  private static func isOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
}
