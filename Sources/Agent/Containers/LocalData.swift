import Receiver
import TraceModel

/// What a tracer says of its container in `Datadog-Entity-ID` (Local Data), `Datadog-Container-ID` (older) and
/// `Datadog-External-Env` (External Data, set by whoever injected the tracer). Lives no longer than the request.
struct LocalData {
  /// `ci-ID` or `cid-ID`, else the older header's value; `nil` where neither is there.
  let containerID: UnsafeRawBufferPointer?
  /// `in-NUMBER`, the inode of the control group that the tracer sees as its own; 0 where it does not say.
  let groupInode: UInt64
  /// `cn-NAME`, the container's name within its pod; `nil` where it is not said.
  let containerName: UnsafeRawBufferPointer?

  init(_ headers: RequestHeaders) {
    let local = headers[.entityID]
    containerID = Self.value(of: "ci-", in: local) ?? Self.value(of: "cid-", in: local) ?? headers[.containerID]
    groupInode = Self.value(of: "in-", in: local).flatMap { HeaderValue.integer($0) }.map { UInt64(clamping: $0) } ?? 0
    containerName = Self.value(of: "cn-", in: headers[.externalEnv])
  }

  /// Whether the client says nothing of its container.
  var isEmpty: Bool { containerID == nil && groupInode == 0 && containerName == nil }

  /// What stands behind a prefix in a list with commas; `nil` when there is nothing.
  private static func value(of prefix: StaticString, in list: UnsafeRawBufferPointer?) -> UnsafeRawBufferPointer? {
    guard let list else { return nil }
    var start = 0
    while start < list.count {
      let end = list[start...].firstIndex(of: UInt8(ascii: ",")) ?? list.count
      let part = UnsafeRawBufferPointer(rebasing: list[start..<end])
      let length = prefix.utf8CodeUnitCount
      if part.count > length, ByteString.equal(UnsafeRawBufferPointer(rebasing: part[..<length]), prefix) {
        return UnsafeRawBufferPointer(rebasing: part[length...])
      }
      start = end + 1
    }
    return nil
  }
}
