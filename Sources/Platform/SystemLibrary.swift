// The system's C library under one name: whoever imports `Platform` has it, whatever the system calls it.
#if canImport(Glibc)
  @_exported import Glibc
#elseif canImport(Musl)
  @_exported import Musl
#else
  @_exported import Darwin
#endif
