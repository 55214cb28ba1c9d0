/// How urgent the work of a thread is.
package enum ThreadPriority {
  /// How much nicer than the process a thread becomes; 19 would be the most.
  private static let niceness: Int32 = 10

  /// Lets all other threads of the machine go before the calling one, where processors are short.
  package static func lowerOwn() {
    #if canImport(Darwin)
      pthread_set_qos_class_self_np(QOS_CLASS_UTILITY, 0)
    #else
      // On Linux it is a property of the thread, whose number 0 stands for.
      _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
    #endif
  }
}
