// SPDX-License-Identifier: Apache-2.0
//
// Makes a source of the target's file of words.

import PackagePlugin

@main
struct ListWriter: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let words = target.directoryURL.appending(path: "words.txt")
    let output = context.pluginWorkDirectoryURL.appending(path: "Words.swift")
    return [
      .buildCommand(
        displayName: "Writing the list of words", executable: try context.tool(named: "list-writer").url,
        arguments: [words.path, output.path], inputFiles: [words], outputFiles: [output])
    ]
  }
}
