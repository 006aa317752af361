// SPDX-License-Identifier: Apache-2.0
//
// The subcommand `instrument`: options only. The scanner's library chooses the edits.

#if Scanner && canImport(Glibc)
import AccessAuditScanner
import ArgumentParser

/// `access-audit instrument`.
struct InstrumentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "instrument", abstract: "Puts the audit in: rewrites collections to their audited types.",
    discussion: """
      Rewrites the declarations that 'scan' flags, or those that are named, or all, and adds the import. Prints a \
      unified diff; nothing is changed without --write. What was written is recorded in \(AdoptionRecord.fileName), and \
      --revert puts every byte back.
      """)

  @OptionGroup var input: SourceOptions

  @Flag(help: "Every collection that can be shared: in classes, actors, globals and static members.")
  var all = false

  @Option(name: .customLong("symbol"), help: "A collection to rewrite, as Type.property; can be given again.")
  var symbols: [String] = []

  @Flag(help: "Change the files.")
  var write = false

  @Flag(help: "Undo what was written before.")
  var revert = false

  @Option(
    help: """
      After writing, run this command until it succeeds; each time, what its errors point at is watched by @Audited \
      instead of retyped, then left alone. Example: --verify "swift build --build-tests".
      """)
  var verify: String?

  @Option(
    help: """
      Add this package to the manifest where it lacks it: a path, or an address with --from. The targets with rewritten \
      files get the product AuditedCollections either way, unless --no-manifest is given.
      """)
  var package: String?

  @Option(help: "With --package: the lowest version.")
  var from: String?

  @Flag(help: "Leave the manifest as it is.")
  var noManifest = false

  func validate() throws {
    if from != nil, package == nil { throw ValidationError("--from needs --package.") }
    if let package, package.contains("://"), from == nil { throw ValidationError("--package needs --from here.") }
    if revert && (all || !symbols.isEmpty || verify != nil) {
      throw ValidationError("--revert excludes --all, --symbol and --verify.")
    }
    if all && !symbols.isEmpty { throw ValidationError("--all and --symbol exclude each other.") }
    if verify != nil && !write { throw ValidationError("--verify needs --write.") }
  }

  func run() throws {
    try Adoption(
      input: input, all: all, symbols: symbols, revert: revert, write: write, verify: verify, manifest: policy
    ).run()
  }

  /// A folder without a manifest, or with `--no-manifest`, is rewritten alone.
  private var policy: PackageAdoption.ManifestPolicy {
    let hasManifest = PackageManifest.name(in: ".", toolchain: ToolchainVersion(99, 0)) != nil
    guard !noManifest, hasManifest else { return .leave }
    guard let package else { return .add(nil) }
    if let from { return .add(AuditedPackage(url: package, from: from)) }
    return .add(AuditedPackage(path: package))
  }
}
#endif
