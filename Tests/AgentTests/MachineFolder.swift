import Foundation
import Platform

@testable import Agent

/// A folder that looks like a machine's `/proc`, control groups and files of container runtimes; removed with the last
/// reference.
final class MachineFolder {
  let root = FileManager.default.temporaryDirectory.appending(path: "roost-machine-\(UUID())")

  init() throws { try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: root) }

  var groups: ControlGroups {
    ControlGroups(
      proc: ProcFS(root: root.appending(path: "proc").path), mount: FileTree(root: root.appending(path: "cgroup").path))
  }

  var files: ContainerRuntimeFiles { ContainerRuntimeFiles(root: FileTree(root: root.path)) }

  var lookup: ContainerLookup { ContainerLookup(groups: groups, files: files) }

  func write(_ text: String, to path: String) throws {
    let file = root.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  /// Makes a control group, and returns its inode.
  func makeGroup(_ path: String) throws -> UInt64 {
    let folder = root.appending(path: "cgroup/" + path)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return try FileTree(root: "").status(folder.path).inode
  }

  static let dockerID = String(repeating: "d0", count: 32)
  static let podID = String(repeating: "c1", count: 32)
  static let crioID = String(repeating: "c2", count: 32)
  static let podmanID = String(repeating: "b3", count: 32)

  /// What the runtimes keep on disk of one container each, by the forms that they publish.
  func writeRuntimeFiles() throws {
    try write(
      #"""
      {"ID":"\#(Self.dockerID)","Name":"/shop-web","Image":"sha256:abcdef","State":{"Running":true},
       "Config":{"Image":"registry.example.com:5000/team/shop:1.2","Env":["DB_PASSWORD=hunter2"],
        "Labels":{"com.datadoghq.tags.service":"shop","com.datadoghq.tags.env":"prod","maintainer":"a, b",
         "org.opencontainers.image.revision":"3c1f2a","org.opencontainers.image.source":"https://u:p@example.com/shop"}}}
      """#, to: "var/lib/docker/containers/\(Self.dockerID)/config.v2.json")
    try write(
      """
      {"ociVersion":"1.1.0","process":{"env":["TOKEN=x"]},"annotations":{"io.kubernetes.cri.container-name":"web",
       "io.kubernetes.cri.sandbox-name":"web-5d9c-x2x","io.kubernetes.cri.sandbox-namespace":"shop",
       "io.kubernetes.cri.image-name":"docker.io/library/nginx@sha256:0123"}}
      """, to: "run/containerd/io.containerd.runtime.v2.task/k8s.io/\(Self.podID)/config.json")
    try write(
      """
      {"annotations":{"io.kubernetes.container.name":"api","io.kubernetes.pod.name":"api-0",
       "io.kubernetes.pod.namespace":"shop","io.kubernetes.cri-o.ImageName":"quay.io/shop/api:7"}}
      """, to: "run/containers/storage/overlay-containers/\(Self.crioID)/userdata/config.json")
    try write(
      #"{"annotations":{"org.opencontainers.image.stopSignal":"15"}}"#,
      to: "run/containers/storage/overlay-containers/\(Self.podmanID)/userdata/config.json")
    try write(
      #"""
      [{"id":"\#(Self.crioID)","names":["k8s_api"],"image":"aa"},
       {"id":"\#(Self.podmanID)","names":["db"],"image":"bb",
        "metadata":"{\"image-name\":\"docker.io/library/postgres:16\",\"name\":\"db\"}"}]
      """#, to: "var/lib/containers/storage/overlay-containers/containers.json")
  }
}
