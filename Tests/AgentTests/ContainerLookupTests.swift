import Foundation
import Platform
import Testing

@testable import Agent

@Suite struct `Looking up a container` {
  private static func tags(_ finding: ContainerLookup.Finding) -> [String]? {
    if case .found(let container) = finding { container.tags } else { nil }
  }

  private static func id(_ finding: ContainerLookup.Finding) -> String? {
    if case .found(let container) = finding { container.id } else { nil }
  }

  @Test func `finds that of a process, in either version of control groups`() throws {
    let machine = try MachineFolder()
    try machine.write("0::/system.slice/docker-\(MachineFolder.dockerID).scope\n", to: "proc/12/cgroup")
    try machine.write("9:name=systemd:/\n4:memory:/docker/\(MachineFolder.podID)\n0::/\n", to: "proc/13/cgroup")
    try machine.write("0::/user.slice/user-1000.slice/session-2.scope\n", to: "proc/14/cgroup")
    #expect(Self.id(machine.lookup.find(ClientOrigin(processID: 12))) == MachineFolder.dockerID)
    #expect(Self.id(machine.lookup.find(ClientOrigin(processID: 13))) == MachineFolder.podID)
    #expect(Self.id(machine.lookup.find(ClientOrigin(processID: 14))) == nil)
    #expect(Self.id(machine.lookup.find(ClientOrigin(processID: 15))) == nil)
  }

  @Test(arguments: [true, false])
  func `finds that of a control group by its inode, in either version`(isVersion2: Bool) throws {
    let machine = try MachineFolder()
    let top = isVersion2 ? "" : "memory/"
    if isVersion2 { try machine.write("cpu memory", to: "cgroup/cgroup.controllers") }
    let other = try machine.makeGroup(top + "system.slice/cron.service")
    let container = try machine.makeGroup(top + "kubepods.slice/pod1.slice/cri-containerd-\(MachineFolder.podID).scope")
    let inner = try machine.makeGroup(top + "machine.slice/libpod-\(MachineFolder.podmanID).scope/container")
    let groups = machine.groups.membershipsByInode()
    #expect(groups[container] == .container(MachineFolder.podID))
    #expect(groups[inner] == .container(MachineFolder.podmanID))
    #expect(groups[other] == .outside && groups[.max] == nil)
  }

  @Test func `believes the kernel about a process rather than an inode that its client sends`() throws {
    let machine = try MachineFolder()
    try machine.write("", to: "cgroup/cgroup.controllers")
    let inode = try machine.makeGroup("docker/\(MachineFolder.podID)")
    try machine.write("0::/docker/\(MachineFolder.dockerID)\n", to: "proc/12/cgroup")
    try machine.write("0::/init.scope\n", to: "proc/13/cgroup")
    let lookup = machine.lookup
    #expect(Self.id(lookup.find(ClientOrigin(processID: 12, groupInode: inode))) == MachineFolder.dockerID)
    #expect(Self.id(lookup.find(ClientOrigin(processID: 13, groupInode: inode))) == nil)
    #expect(Self.id(lookup.find(ClientOrigin(processID: 14, groupInode: inode))) == MachineFolder.podID, "it is hidden")
  }

  /// For which each look at the clock is a millisecond after the one before: a walk takes one of them.
  private static func slowLookup(_ machine: MachineFolder) -> ContainerLookup {
    let time = Lock(ContinuousClock.now)
    return ContainerLookup(groups: machine.groups, files: machine.files) {
      time.withLock { time in
        time += .milliseconds(1)
        return time
      }
    }
  }

  @Test func `serves all who ask with one walk, and those later who ask for what it did not come to`() throws {
    let machine = try MachineFolder()
    try machine.write("", to: "cgroup/cgroup.controllers")
    let inodes = try [MachineFolder.podID, MachineFolder.dockerID].map { try machine.makeGroup("pods/\($0)") }
    let lookup = Self.slowLookup(machine)
    #expect(Self.id(lookup.find(ClientOrigin(groupInode: inodes[0]))) == MachineFolder.podID)
    let new = try machine.makeGroup("pods/\(MachineFolder.crioID)")
    #expect(Self.id(lookup.find(ClientOrigin(groupInode: inodes[1]))) == MachineFolder.dockerID)
    guard case .later(let rest) = lookup.find(ClientOrigin(groupInode: new)) else {
      Issue.record("not later")
      return
    }
    // The walk began a tick after the start and took one; two ticks have passed since.
    #expect(rest == .milliseconds(7))
    for _ in 0..<7 { _ = lookup.find(ClientOrigin(groupInode: new)) }
    #expect(Self.id(lookup.find(ClientOrigin(groupInode: new))) == MachineFolder.crioID)
  }

  @Test func `sees Podman's list again when it has changed, and also a long one`() throws {
    let machine = try MachineFolder()
    let path = "var/lib/containers/storage/overlay-containers/containers.json"
    let lookup = machine.lookup
    func name() -> String? { Self.tags(lookup.find(ClientOrigin(containerID: MachineFolder.podmanID)))?.last }
    #expect(name() == "container_id:" + MachineFolder.podmanID)
    for text in ["db", "database", String(repeating: "x", count: 150)] {
      try machine.write(#"[{"id":"\#(MachineFolder.podmanID)","names":["\#(text)"]}]"#, to: path)
      #expect(name() == "container_name:" + text)
    }
    let padding = String(repeating: " ", count: 1_100_000)
    try machine.write(#"[\#(padding){"id":"\#(MachineFolder.podmanID)","names":["last"]}]"#, to: path)
    #expect(name() == "container_name:last")
  }

  @Test func `leaves most of the time to others than clients that send inodes of nothing`() throws {
    let machine = try MachineFolder()
    try machine.write("", to: "cgroup/cgroup.controllers")
    let lookup = Self.slowLookup(machine)
    let walked = (0..<24 as Range<UInt64>).map { number in
      if case .later = lookup.find(ClientOrigin(groupInode: .max - number)) { false } else { true }
    }
    #expect(walked.indices.filter { walked[$0] } == [0, 9, 18])
  }

  @Test func `reads from the files of runtimes what tags are made of`() throws {
    let machine = try MachineFolder()
    try machine.writeRuntimeFiles()
    let lookup = machine.lookup
    #expect(
      Self.tags(lookup.find(ClientOrigin(containerID: MachineFolder.dockerID))) == [
        "container_id:" + MachineFolder.dockerID, "container_name:shop-web",
        "docker_image:registry.example.com:5000/team/shop:1.2", "env:prod", "git.commit.sha:3c1f2a",
        "git.repository_url:https://…@example.com/shop", "image_id:sha256:abcdef",
        "image_name:registry.example.com:5000/team/shop", "image_tag:1.2", "service:shop", "short_image:shop",
      ])
    #expect(
      Self.tags(lookup.find(ClientOrigin(containerID: MachineFolder.podID))) == [
        "container_id:" + MachineFolder.podID, "display_container_name:web_web-5d9c-x2x",
        "image_name:docker.io/library/nginx", "kube_container_name:web", "kube_namespace:shop", "pod_name:web-5d9c-x2x",
        "short_image:nginx",
      ])
    #expect(
      Self.tags(lookup.find(ClientOrigin(containerID: MachineFolder.crioID)))?.contains("image_tag:7") == true)
    #expect(
      Self.tags(lookup.find(ClientOrigin(containerID: MachineFolder.podmanID))) == [
        "container_id:" + MachineFolder.podmanID, "container_name:db", "image_id:sha256:bb",
        "image_name:docker.io/library/postgres", "image_tag:16", "short_image:postgres",
      ])
    let unknown = String(repeating: "0e", count: 32)
    #expect(Self.tags(lookup.find(ClientOrigin(containerID: unknown))) == ["container_id:" + unknown])
  }

  @Test(
    arguments: [
      "", "[]", "{", "null", #"{"Config":5,"Name":{"a":1},"Image":7}"#, String(repeating: "[", count: 100_000),
      #"{"Name":"/a,b","Config":{"Image":"sha256:00","Labels":[1]}}"#,
      #"{"Name":"/\u0000","Config":{"Image":"/:@","Labels":{"com.datadoghq.tags.env":"a b"}}}"#,
    ])
  func `gets no more than the id from a file that is none of a runtime's`(text: String) throws {
    let machine = try MachineFolder()
    try machine.write(text, to: "var/lib/docker/containers/\(MachineFolder.dockerID)/config.v2.json")
    let tags = Self.tags(machine.lookup.find(ClientOrigin(containerID: MachineFolder.dockerID)))
    #expect(tags == ["container_id:" + MachineFolder.dockerID])
  }

  @Test func `takes for an id only what is one, and a name from its client where no runtime says it`() throws {
    let machine = try MachineFolder()
    try machine.writeRuntimeFiles()
    let lookup = machine.lookup
    for text in ["c0ffee", "../../../etc", "in-4711", ""] {
      #expect(Self.tags(lookup.find(ClientOrigin(containerID: text))) == nil)
    }
    #expect(Self.tags(lookup.find(ClientOrigin(containerName: "web"))) == ["kube_container_name:web"])
    let said = lookup.find(ClientOrigin(containerID: MachineFolder.podID, containerName: "other"))
    #expect(Self.tags(said)?.contains("kube_container_name:web") == true)
  }

  @Test(
    arguments: [
      ("nginx", "nginx nginx latest"), ("nginx:1.27", "nginx nginx 1.27"),
      ("host:5000/a/b", "host:5000/a/b b latest"), ("host:5000/a/b:c", "host:5000/a/b b c"),
      ("a/b:1@sha256:00", "a/b b 1"), ("a/b@sha256:00", "a/b b "), ("sha256:00", nil), ("", nil), ("@", nil),
      (":", nil),
      (String(repeating: "a", count: 64), nil), ("0123456789ab", nil),
    ] as [(String, String?)])
  func `takes an image's name apart`(reference: String, expected: String?) {
    let image = ContainerImageName(reference)
    #expect(image.map { "\($0.name) \($0.short) \($0.tag)" } == expected)
  }

  @Test func `hashes only the tags that all copies of a service share`() throws {
    let machine = try MachineFolder()
    try machine.writeRuntimeFiles()
    guard case .found(let docker) = machine.lookup.find(ClientOrigin(containerID: MachineFolder.dockerID)),
      case .found(let bare) = machine.lookup.find(ClientOrigin(containerID: String(repeating: "0e", count: 32)))
    else {
      Issue.record("not found")
      return
    }
    #expect(docker.tagsHash == SHA256.hex(Array("service:shop,short_image:shop".utf8)))
    #expect(bare.tagsHash == nil)
    #expect((docker.name, docker.image, docker.imageTag) == ("shop-web", "shop:1.2", "1.2"))
    #expect(docker.gitCommitSha == "3c1f2a")
  }
}
