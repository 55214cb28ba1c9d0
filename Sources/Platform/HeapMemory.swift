/// The heap of this process.
package enum HeapMemory {
  /// Gives free memory back to the system, which the C library else keeps for what may come. Looks at the whole heap: some
  /// milliseconds for some hundred MB.
  package static func giveBack() {
    #if canImport(Darwin)
      malloc_zone_pressure_relief(nil, 0)
    #else
      // glibc has it, musl does not.
      guard let trim else { return }
      _ = trim(0)
    #endif
  }

  #if !canImport(Darwin)
    private static let trim = dlsym(nil, "malloc_trim").map {
      unsafeBitCast($0, to: (@convention(c) (Int) -> Int32).self)
    }
  #endif
}
