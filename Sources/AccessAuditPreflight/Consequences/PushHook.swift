// SPDX-License-Identifier: Apache-2.0
//
// The hook of git that refuses the push of a tag when the checklist fails. Writes one file, and
// never over another one.

#if Scanner && canImport(Glibc)

internal import Foundation

package enum PushHook {
  /// The line by which the hook is known again.
  static let marker = "# Written by: access-audit preflight --install-hook"

  /// The hook's text.
  ///
  /// - Parameters:
  ///   - tool: the tool's path.
  ///   - arguments: what `preflight` is given.
  static func text(tool: String, arguments: [String]) -> String {
    let command = ([tool, "preflight"] + arguments).map(Command.quoted).joined(separator: " ")
    return """
      #!/bin/sh
      \(marker)
      # Refuses the push of a tag unless the release checklist passes. To push without it: git push --no-verify
      none=0000000000000000000000000000000000000000
      tags=
      while read -r local_name local_id remote_name remote_id; do
        case $remote_name in
        refs/tags/*)
          # A tag that is deleted on the other side needs no checklist.
          case $local_id in $none*) continue ;; esac
          if [ "$(git rev-parse "$local_id^{commit}")" != "$(git rev-parse HEAD)" ]; then
            echo "preflight: ${remote_name#refs/tags/} is not the commit that is checked out: check it out first" >&2
            exit 1
          fi
          tags="$tags ${remote_name#refs/tags/}"
          ;;
        esac
      done
      [ -n "$tags" ] || exit 0
      if [ -n "$(git status --porcelain --untracked-files=no)" ]; then
        echo "preflight: there are changes that are not committed, so that the tag's sources cannot be checked" >&2
        exit 1
      fi
      cd "$(git rev-parse --show-toplevel)" || exit 1
      # The variables that git gives its hooks would lead the package manager's git astray.
      unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE GIT_PREFIX
      \(command) >&2 </dev/null
      status=$?
      [ $status -eq 0 ] || echo "preflight: the push of$tags is refused (status $status)" >&2
      exit $status

      """
  }

  /// Writes the hook.
  ///
  /// - Throws: `ConsequenceError` when there is another hook, or the file cannot be written.
  package static func install(folder: String, tool: String, arguments: [String]) throws -> String {
    let path = "\(folder)/pre-push"
    if let present = FileManager.default.contents(atPath: path),
      !String(decoding: present, as: UTF8.self).contains(marker)
    {
      throw ConsequenceError(
        description: "\(path) is a hook of yours and stays; add to it: access-audit preflight")
    }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(text(tool: tool, arguments: arguments).utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    } catch {
      throw ConsequenceError(description: "\(path) cannot be written: \(error.localizedDescription)")
    }
    return path
  }

  /// Removes the hook, when it is this tool's; tells whether it was there.
  package static func remove(folder: String) throws -> Bool {
    let path = "\(folder)/pre-push"
    guard let present = FileManager.default.contents(atPath: path) else { return false }
    guard String(decoding: present, as: UTF8.self).contains(marker) else {
      throw ConsequenceError(description: "\(path) is a hook of yours and stays")
    }
    try FileManager.default.removeItem(atPath: path)
    return true
  }
}

#endif
