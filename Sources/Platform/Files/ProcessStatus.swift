/// The fields of `/proc/PID/status`: a name, a colon, and values (proc_pid_status(5)).
package struct ProcessStatus: Sendable {
  private let fields: [Substring: [Substring]]

  /// Lines without a colon are passed over; of a field that comes twice the first counts.
  package init(_ text: String) {
    var fields: [Substring: [Substring]] = [:]
    for line in text.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":"), fields[line[..<colon]] == nil else { continue }
      fields[line[..<colon]] = line[line.index(after: colon)...].split { $0 == "\t" || $0 == " " }
    }
    self.fields = fields
  }

  /// All values of a field: `Uid` has four. Empty when there is none.
  package subscript(_ name: String) -> [Substring] { fields[name[...]] ?? [] }
}
