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

  /// The names that runtimes give a container's group, under cgroupfs and under systemd.
  @Test(
    arguments: [
      "ID", "docker-ID.scope", "cri-containerd-ID.scope", "crio-ID", "crio-ID.scope", "libpod-ID.scope",
      "libpod-payload-ID",
      "kubepods-besteffort-pod3d274242_8ee0_11e9_a8a6_1e68d864ef1a.slice:cri-containerd:ID",
    ])
  func `is read from the name of its own control group`(_ name: String) {
    let id = String(repeating: "0f", count: 32)
    #expect(ContainerID.find(inGroupName: name.replacing("ID", with: id)) == id)
    let line = "0::/machine.slice/\(name.replacing("ID", with: id))/container/init.scope"
    #expect(ContainerID.find(inControlGroup: line) == id, "groups that a container makes are in it")
  }

  @Test(
    arguments: [
      ("/garden/6f265890-5165-7fab-6b52-18d1", "6f265890-5165-7fab-6b52-18d1"),
      ("/garden/f9d7e8b0-3a1c-4c52-7f6b-2d4e5a6b7c8d", "f9d7e8b0-3a1c-4c52-7f6b-2d4e5a6b7c8d"),
      ("/garden/6f265890-5165-7fab-6b52-18d1a2b3", nil), ("/garden/web-6f265890-5165-7fab-6b52-18d1", nil),
      ("/ecs/34dc0b5e626f2c5c4c5170e34b10e765-1234567890", "34dc0b5e626f2c5c4c5170e34b10e765-1234567890"),
      ("/kubepods/pod3d274242-8ee0-11e9-a8a6-1e68d864ef1a", nil),
      ("/machine.slice/libpod-conmon-ID.scope", nil), ("/crio-conmon-ID", nil),
      ("/system.slice/var-lib-docker-containers-ID.mount", nil), ("/system.slice/x0ID.scope", nil),
      ("/docker/ID/docker/" + String(repeating: "1e", count: 32), String(repeating: "1e", count: 32)),
    ] as [(String, String?)])
  func `is that of the innermost container and of nothing beside it`(_ path: String, expected: String?) {
    let id = String(repeating: "0f", count: 32)
    #expect(ContainerID.find(inControlGroup: "4:memory:" + path.replacing("ID", with: id) + "\n") == expected)
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
