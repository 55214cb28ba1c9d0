/// The memory that the system lets this process have, whether it is used or not.
package enum AddressSpace {
  /// Whether a limit is set on it: `ulimit -v` or `ulimit -d`.
  package static var isLimited: Bool {
    #if canImport(Darwin)
      [RLIMIT_AS, RLIMIT_DATA].contains { isLimited(by: $0) }
    #else
      [RLIMIT_AS, RLIMIT_DATA].contains { isLimited(by: __rlimit_resource_t($0.rawValue)) }
    #endif
  }

  /// Whether the system would give so many bytes more, in one piece. Takes two system calls and touches no memory.
  package static func canTake(_ bytes: Int) -> Bool {
    guard bytes > 0 else { return true }
    let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let memory, memory != MAP_FAILED else { return false }
    munmap(memory, bytes)
    return true
  }

  #if canImport(Darwin)
    private typealias Resource = Int32
  #else
    private typealias Resource = __rlimit_resource_t
  #endif

  private static func isLimited(by resource: Resource) -> Bool {
    var limit = rlimit()
    // What stands for no limit is the largest number, or the largest with a sign.
    return getrlimit(resource, &limit) == 0 && limit.rlim_cur < rlim_t(Int64.max)
  }
}
