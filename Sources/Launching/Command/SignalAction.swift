import Platform

// The one file of this target in which Linux and Darwin differ in how signals are described.

/// The fields of `sigaction` and `siginfo_t`, which systems spell differently.
enum SignalAction {
  typealias Handler = @convention(c) (Int32, UnsafeMutablePointer<siginfo_t>?, UnsafeMutableRawPointer?) -> Void

  /// The address of `SIG_IGN`, which is a number and not a function.
  static let ignoring: UInt = 1

  /// Restarts system calls that it interrupts where the system can.
  static func make(_ handler: @escaping Handler) -> sigaction {
    var action = sigaction()
    #if canImport(Darwin)
      action.__sigaction_u.__sa_sigaction = handler
    #else
      action.__sigaction_handler.sa_sigaction = handler
    #endif
    action.sa_flags = Int32(SA_SIGINFO) | Int32(SA_RESTART)
    return action
  }

  static func address(of action: sigaction) -> UInt {
    #if canImport(Darwin)
      withUnsafeBytes(of: action.__sigaction_u) { $0.load(as: UInt.self) }
    #else
      withUnsafeBytes(of: action.__sigaction_handler) { $0.load(as: UInt.self) }
    #endif
  }

  /// The process that sent a signal; 0 when it was the system.
  static func sender(_ info: siginfo_t) -> Int32 {
    #if canImport(Darwin)
      return info.si_code == SI_USER || info.si_code == SI_QUEUE ? info.si_pid : 0
    #else
      // Positive codes are the kernel's; `kill`, `sigqueue` and `tgkill` have others.
      return info.si_code <= 0 ? info._sifields._kill.si_pid : 0
    #endif
  }
}
