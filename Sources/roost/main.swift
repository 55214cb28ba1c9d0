#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

StandardStreams.fillGaps()
exit(RoostProgram.run(Array(CommandLine.arguments.dropFirst())).rawValue)
