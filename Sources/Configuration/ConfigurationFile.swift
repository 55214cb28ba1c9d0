import Platform

/// A configuration file as read: its path for messages, and its bytes.
package struct ConfigurationFile: Sendable, Equatable {
  /// The path as it was given; messages begin with it.
  package let path: String
  /// The whole file, at most `YAMLDocument.bytesMax`, not yet parsed.
  package let bytes: [UInt8]
  /// Its permission bits when it was read; `nil` for one that was in memory already.
  package let mode: UInt32?

  /// A file whose bytes are in memory already, with the permission bits of where they came from.
  package init(path: String, bytes: [UInt8], mode: UInt32? = nil) {
    self.path = path
    self.bytes = bytes
    self.mode = mode
  }

  /// Where the Datadog agent keeps its file.
  package static var defaultPath: String {
    #if canImport(Darwin)
      "/opt/datadog-agent/etc/datadog.yaml"
    #else
      "/etc/datadog-agent/datadog.yaml"
    #endif
  }

  /// Reads a file of at most 4 MiB. A file at the default path that is missing is no error for the agent, one that was
  /// asked for by `--config` is.
  package static func read(_ path: String) throws(ConfigurationFileError) -> ConfigurationFile {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(path: path, errno) }
    defer { close(descriptor) }
    var status = stat()
    let mode = fstat(descriptor, &status) == 0 ? UInt32(status.st_mode) & 0o7777 : nil
    var bytes: [UInt8] = []
    let chunk = 65_536
    while bytes.count <= YAMLDocument.bytesMax {
      var count = 0
      let kept = bytes.count
      bytes.append(contentsOf: repeatElement(0, count: chunk))
      repeat {
        count = bytes.withUnsafeMutableBytes { buffer in
          Self.readInto(descriptor, UnsafeMutableRawBufferPointer(rebasing: buffer[kept...]))
        }
      } while count < 0 && errno == EINTR
      guard count >= 0 else { throw .unreadable(path: path, errno) }
      bytes.removeLast(chunk - count)
      if count == 0 { return ConfigurationFile(path: path, bytes: bytes, mode: mode) }
    }
    throw .tooLarge(path: path, limit: YAMLDocument.bytesMax)
  }

  private static func readInto(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    Platform.read(descriptor, buffer.baseAddress, buffer.count)
  }
}

/// Why a configuration file could not be read.
package enum ConfigurationFileError: Error, Equatable {
  /// The operating system's error number says why.
  case unreadable(path: String, Int32)
  /// The file has more than `limit` bytes.
  case tooLarge(path: String, limit: Int)

  /// True when there is no such file: fine at the default path.
  package var isMissing: Bool {
    if case .unreadable(_, let number) = self { number == ENOENT || number == ENOTDIR } else { false }
  }
}

extension ConfigurationFileError: CustomStringConvertible {
  /// `datadog.yaml: cannot be read: Permission denied`
  package var description: String {
    switch self {
    case .unreadable(let path, let number):
      "\(QuotedText.escaped(path)): cannot be read: \(String(cString: strerror(number)))"
    case .tooLarge(let path, let limit):
      "\(QuotedText.escaped(path)): longer than \(limit) bytes, so not a configuration file"
    }
  }
}
