#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The last inputs, in a file that is whole however the process ends: for one that fails only behind others, as the memory they
/// left is a part of what it meets. `history.py` makes inputs of it again.
struct History {
  /// How many, and what each takes at most: how many bytes it has, its number from 1 on, the bytes.
  private static let inputsMax = 4096
  private static let headBytes = 8
  private static let inputBytesMax = 1024
  private static let slotBytes = headBytes + inputBytesMax

  private var slots: UnsafeMutableRawPointer?
  private var count: UInt32 = 0

  /// Nothing is noted unless the environment names a file in `FUZZ_HISTORY`.
  init() {
    guard let path = getenv("FUZZ_HISTORY") else { return }
    let bytes = Self.inputsMax * Self.slotBytes
    let file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o644)
    guard file >= 0, ftruncate(file, off_t(bytes)) == 0 else { stop("\(String(cString: path)) cannot be written") }
    slots = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
    if slots == MAP_FAILED { stop("\(String(cString: path)) cannot be mapped") }
    close(file)
  }

  /// Before each input; one that is longer than any that libFuzzer makes up is left out.
  mutating func note(_ start: UnsafePointer<UInt8>, _ byteCount: Int) {
    guard let slots, byteCount <= Self.inputBytesMax else { return }
    let slot = slots + Int(count) % Self.inputsMax * Self.slotBytes
    count &+= 1
    slot.storeBytes(of: UInt32(byteCount), as: UInt32.self)
    slot.storeBytes(of: count, toByteOffset: 4, as: UInt32.self)
    (slot + Self.headBytes).copyMemory(from: start, byteCount: byteCount)
  }
}
