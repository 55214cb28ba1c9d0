#if canImport(Darwin)
  struct DarwinMachine {}
#endif
