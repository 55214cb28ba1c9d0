import Platform

/// What is done to the files of segments so that they survive, as values: a test sees in which order it happens, and has some
/// of it fail.
struct SegmentCalls: Sendable {
  /// Writes bytes and what stands behind them to a descriptor at an offset.
  var write: @Sendable ([UInt8], _ followedBy: [UInt8], Int32, Int) throws(SystemError) -> Void = {
    bytes, rest, descriptor, offset throws(SystemError) in
    try FileParts.write(bytes, followedBy: rest, to: descriptor, at: offset)
  }
  /// Returns when what was written to a descriptor survives a loss of power.
  var sync: @Sendable (Int32) throws(SystemError) -> Void = { descriptor throws(SystemError) in
    try DurableFiles.sync(descriptor)
  }
  /// Gives the file of one path another one.
  var rename: @Sendable (_ from: String, _ to: String) throws(SystemError) -> Void = { from, to throws(SystemError) in
    if Platform.rename(from, to) != 0 { throw SystemError("rename", errno) }
  }
  /// Returns when the names in a folder survive a loss of power.
  var syncNames: @Sendable (_ folder: String) throws(SystemError) -> Void = { folder throws(SystemError) in
    try DurableFiles.syncNames(in: folder)
  }
}
