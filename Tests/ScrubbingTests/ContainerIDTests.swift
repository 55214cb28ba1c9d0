import Scrubbing
import Testing

@Suite struct `The id of a container` {
  @Test(
    arguments: [
      ("0::/system.slice/docker-ID.scope", true), ("12:cpu:/docker/ID\n0::/\n", true),
      ("0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-ID.scope", true),
      ("0::/user.slice/session-2.scope", false),
      ("1:name=systemd:/ecs/55091c13-b8cf-4801-b527-f4601742204d/34dc0b5e626f2c5c4c5170e34b10e765-1234567890", true),
      ("0::/system.slice/app-0123456789abcdef.scope", false), ("", false),
    ])
  func `is read from its control groups`(_ text: String, isThere: Bool) {
    let id = String(repeating: "0f", count: 32)
    let found = ContainerID.find(inControlGroup: text.replacing("ID", with: id))
    #expect(found == (isThere ? text.contains("ecs") ? "34dc0b5e626f2c5c4c5170e34b10e765-1234567890" : id : nil))
  }

  @Test(
    arguments: [
      (String(repeating: "0f", count: 32), true), ("in-4711", true),
      ("34dc0b5e626f2c5c4c5170e34b10e765-1234567890", true),
      ("0123456789abcdef0123456789abcdef", false), ("in-", false), ("in-password", false), ("", false),
      (String(repeating: "0F", count: 32), false), ("in-" + String(repeating: "1", count: 21), false),
    ])
  func `is known by its form`(_ text: String, isOne: Bool) { #expect(ContainerID.isOne(text) == isOne) }
}
