import TraceModel

/// The command of a Memcached span without the value that it stores.
enum MemcachedCommand {
  /// Appends what stands before the first line end.
  static func withoutValue(_ command: TextBytes, into out: inout GrowableBuffer<UInt8>) {
    var end = command.count
    var start = 0
    while let index = command.firstIndex(of: 0x0D, from: start) {
      if command[index + 1] == 0x0A {
        end = index
        break
      }
      start = index + 1
    }
    CharacterClass.trimmed(command.part(0, end)).append(to: &out)
  }
}
