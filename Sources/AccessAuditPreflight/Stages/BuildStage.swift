// SPDX-License-Identifier: Apache-2.0
//
// The second stage: the package builds, and what is built can be audited and its reports can be
// read.

#if Scanner && canImport(Glibc)

internal import AccessAuditOverlay
internal import AccessAuditReports
internal import Foundation

extension Preflight {
  var buildCommand: Command {
    let build = configuration.build
    let arguments = (build.configuration == "debug" ? [] : ["-c", build.configuration]) + build.arguments
    return Command(["swift", "build"] + arguments)
  }

  private var binPathCommand: Command { Command(buildCommand.arguments + ["--show-bin-path"]) }

  var buildSteps: [String] {
    let products = configuration.build.products
    return ["runs: \(buildCommand.text)"]
      + products.map {
        "looks at the program \($0): audit compiled \(configuration.build.audit.rawValue), build ID, symbols, frame pointers, libunwind"
      }
  }

  func checkBuild() throws -> [Check] {
    guard FileManager.default.fileExists(atPath: "\(root)/Package.swift") else {
      return [
        Check(
          "package", .failed, "there is no Package.swift in \(root)", next: "give the package's folder: --package-path")
      ]
    }
    guard host.finds("swift") else {
      return [Check("swift", .failed, "'swift' is not found", next: "install a Swift toolchain, or add it to PATH")]
    }
    let (status, output) = try collectBuild()
    guard status == 0 else { return [Self.failedBuild(status, output)] }
    var checks = [Check("build", .passed, "\(buildCommand.text) succeeds")]
    guard !configuration.build.products.isEmpty else {
      return checks + [
        Check(
          "programs", .warning, "no program is named, so that only the build was checked",
          next: "name the programs that are deployed: preflight: build: products: [NAME]")
      ]
    }
    let (pathStatus, shown) = try host.collect(binPathCommand)
    guard pathStatus == 0, let folder = shown.split(whereSeparator: \.isNewline).last.map(String.init) else {
      return checks + [
        Check("programs", .failed, "the folder of what was built is not known", next: binPathCommand.text)
      ]
    }
    for product in configuration.build.products { checks += check(program: "\(folder)/\(product)", name: product) }
    return checks
  }

  private func collectBuild() throws -> (status: Int32, output: String) {
    var bytes: [UInt8] = []
    var progress = LineSplitter()
    var said = ContinuousClock.now
    let status = try host.run(buildCommand) { piece in
      bytes += piece
      progress.read(piece) { line in
        guard BuildOutput.isProgress(line), ContinuousClock.now - said > .seconds(10) else { return }
        said = .now
        host.say(line)
      }
    }
    return (status, String(decoding: bytes, as: UTF8.self))
  }

  static func failedBuild(_ status: Int32, _ output: String) -> Check {
    let excerpt = BuildOutput.excerpt(output, limit: 8)
    let isUnwind = output.contains("lunwind")
    let place = excerpt.lazy.compactMap(Self.place).first
    return Check(
      "build", .failed, "the package does not build (status \(status)):\n" + excerpt.prefix(8).joined(separator: "\n"),
      next: isUnwind ? "install libunwind for developers: apt-get install libunwind-dev" : "correct the errors",
      place: place)
  }

  /// `/path/File.swift:7:12: error: …`.
  private static func place(_ line: String) -> Check.Place? {
    guard let match = line.firstMatch(of: #/^(/[^:]+):(\d+):\d+: error: /#), let number = Int(match.output.2) else {
      return nil
    }
    return Check.Place(file: String(match.output.1), line: number)
  }

  /// What is asked of one program.
  func check(program path: String, name: String) -> [Check] {
    guard let facts = ProgramFacts(path: path, symbols: configuration.build.symbols.map(self.path)) else {
      return [Check(name, .failed, "\(path) is no 64-bit ELF program", next: "name a product that is a program")]
    }
    return facts.checks(name: name, expecting: configuration.build.audit, image: self.path(configuration.build.image))
  }
}

/// Text that comes in pieces, as lines.
struct LineSplitter {
  private var rest: [UInt8] = []

  mutating func read(_ bytes: some Collection<UInt8>, _ body: (String) -> Void) {
    rest += bytes
    var start = rest.startIndex
    while let end = rest[start...].firstIndex(of: 0x0A) {
      body(String(decoding: rest[start..<end], as: UTF8.self))
      start = end + 1
    }
    rest.removeSubrange(..<start)
  }
}

#endif
