import Platform

/// What the agent asks the system about itself.
enum SystemFacts {
  /// The machine's name, `unknown` when it has none.
  static var hostname: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    let text = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return text.isEmpty ? "unknown" : String(decoding: text, as: UTF8.self)
  }

  /// Whether `hostname` is that of a container: one with names of its own, in which a runtime or Kubernetes left its marks.
  static var isHostnameOfContainer: Bool {
    #if os(Linux)
      let marks = ["/.dockerenv", "/run/.containerenv", "/var/run/secrets/kubernetes.io/serviceaccount"]
      // The inode of the machine's own namespace is a constant of the kernel (PROC_UTS_INIT_INO).
      return marks.contains { access($0, F_OK) == 0 } && (try? ProcFS().own.link("ns/uts")) != "uts:[4026531838]"
    #else
      return false
    #endif
  }

  static var processID: Int64 { Int64(getpid()) }

  /// The user whose rights this process has.
  static var userID: UInt32 { geteuid() }

  /// Processors this process may run on; at least 1.
  static var processors: Int {
    #if os(Linux)
      // The affinity mask, which containers and taskset narrow, is in the status file; `sched_getaffinity` hides behind
      // feature macros that Swift does not set.
      if let count = allowedProcessors { return count }
    #endif
    return max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }

  #if os(Linux)
    /// Bits of `Cpus_allowed` in `/proc/self/status`; `nil` when it cannot be read.
    private static var allowedProcessors: Int? {
      let name = [UInt8]("Cpus_allowed:".utf8)
      var count = 0
      // Nine characters for each 32 processors.
      try? ProcFS().own.forEachLine(of: "status", lineBytesMax: 4_096) { line in
        guard line.starts(with: name) else { return }
        for digit in line.dropFirst(name.count) {
          count += Character(Unicode.Scalar(digit)).hexDigitValue?.nonzeroBitCount ?? 0
        }
      }
      return count > 0 ? count : nil
    }
  #endif

  /// What the process has had of processors since its start, in ns; 0 when the system does not say.
  static var processorTimeNs: UInt64 {
    var used = timespec()
    guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0 else { return 0 }
    return UInt64(clamping: used.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: used.tv_nsec)
  }

  /// Bytes of memory resident now; 0 when the system does not say.
  static var residentBytes: UInt64 {
    #if canImport(Darwin)
      var info = mach_task_basic_info()
      var count = mach_msg_type_number_t(
        MemoryLayout<mach_task_basic_info>.size / MemoryLayout<natural_t>.size)
      let status = withUnsafeMutablePointer(to: &info) { pointer in
        pointer.withMemoryRebound(to: integer_t.self, capacity: Int(count)) {
          task_info(mach_task_self_, task_flavor_t(MACH_TASK_BASIC_INFO), $0, &count)
        }
      }
      return status == KERN_SUCCESS ? UInt64(info.resident_size) : 0
    #else
      // Total, resident, shared, …, in pages. Read digit by digit: text would bring pages of code in, once a second.
      guard let bytes = try? ProcFS().own.read("statm", limit: 128) else { return 0 }
      let resident = bytes.drop { $0 != 0x20 }.dropFirst().prefix { $0 != 0x20 }
      let pages = resident.reduce(0 as UInt64) { $0 &* 10 &+ UInt64($1 &- UInt8(ascii: "0")) }
      return pages &* UInt64(sysconf(Int32(_SC_PAGESIZE)))
    #endif
  }
}
