// SPDX-License-Identifier: Apache-2.0
//
// The scan of one module: parse, collect, link, walk, propagate, judge. The disk is not touched
// here.

#if Scanner

import SwiftSyntax

/// Scans the sources of a module for shared collections that nothing protects.
public struct AccessScanner: Sendable {
  /// The number of threads that parse and walk.
  public var threads: Int

  /// Makes a scanner.
  public init(threads: Int = Parallel.defaultThreads) { self.threads = threads }

  /// Scans the files of one module; names are resolved across all of them.
  ///
  /// A file with syntax errors is reported as a problem; the part that could be parsed is
  /// scanned.
  ///
  /// - Returns: findings in the order of path, line and rule, ignore comments applied, and
  ///   problems.
  /// - Complexity: O(*n*) in the size of the sources; pairs of accesses are limited per variable.
  public func scan(_ sources: [SourceText]) -> ScanReport {
    let facts = facts(sources)
    let context = RuleContext(
      index: facts.index, bodies: facts.bodies, propagation: facts.propagation,
      profiles: ProfileBuilder(index: facts.index, bodies: facts.bodies, propagation: facts.propagation).profiles(),
      sources: sources, scripts: facts.scripts)
    var findings = RuleTable.rules.flatMap { $0.findings(context) }
    findings = context.lowered(findings)
    findings.sort(by: AccessScanner.order)
    var problems = facts.files.flatMap(\.problems)
    for body in facts.bodies where body.isTooDeep {
      let function = facts.index.functions[body.function]
      let place = sources[function.file].place(function.nameOffset, function.nameOffset)
      problems.append(
        SourceProblem(place: place, message: "nested too deeply; the inner part was not scanned", isUnscanned: true))
    }
    Fingerprints.assign(to: &findings)
    var report = ScanReport(findings: findings, problems: problems, sources: sources)
    IgnoreComments.apply(facts.files.map(\.comments), to: &report)
    return report
  }

  /// Parses, links and walks the files of one module.
  func facts(_ sources: [SourceText], package: PackageFacts = PackageFacts()) -> ModuleFacts {
    let parsed = Parallel.map(sources.count, threads: threads) { file in FileScan(sources[file], file: file) }
    let index = ModuleIndex(
      files: parsed.map(\.declarations),
      serialOperationQueues: parsed.reduce(into: []) { $0.formUnion($1.serialQueues) },
      extensions: package.extensions)
    let summaries = Dictionary(
      uniqueKeysWithValues: Parallel.map(index.functions.count, threads: threads) { id -> (Int, FunctionSummary)? in
        let function = index.functions[id]
        guard FunctionSummary.isWorthWalking(function) else { return nil }
        let facts = BodyWalker(index: index, summaries: [:], function: function).run()
        return FunctionSummary(facts, of: function).map { (id, $0) }
      }.compactMap { $0 })
    var bodies = Parallel.map(index.functions.count, threads: threads) { id in
      BodyWalker(index: index, summaries: summaries, function: index.functions[id]).run()
    }
    var propagation = Propagation(index: index, bodies: bodies)
    // Two kinds of body are walked again: those that store closures in properties, now that the
    // calls of these properties are known, and those of operations, now that the objects given to
    // many of them are known.
    let handlers = HandlerModes.modes(bodies, propagation)
    let handed = bodies.reduce(into: Set<String>()) { $0.formUnion($1.handedToMany) }
    let again = bodies.indices.filter { body in
      bodies[body].storedHandlers.contains { handlers[$0] != nil } || OneOfMany.runs(index.functions[body], handed)
    }
    if !again.isEmpty {
      let walked = Parallel.map(again.count, threads: threads) { position in
        let function = index.functions[again[position]]
        return BodyWalker(
          index: index, summaries: summaries, function: function, handlers: handlers,
          handedToMany: OneOfMany.runs(function, handed) ? handed : []
        ).run()
      }
      for (position, body) in again.enumerated() { bodies[body] = walked[position] }
      propagation = Propagation(index: index, bodies: bodies)
    }
    return ModuleFacts(
      files: parsed, index: index, bodies: bodies, propagation: propagation,
      scripts: Set(parsed.indices.filter { parsed[$0].isScript }))
  }

  /// Scans files module by module and combines the reports.
  public func scan(_ files: SourceFiles) -> ScanReport {
    var report = ScanReport(findings: [], problems: files.problems, sources: [])
    for module in files.modules {
      let part = scan(module)
      report.findings += part.findings
      report.problems += part.problems
      report.sources += part.sources
    }
    report.findings.sort(by: AccessScanner.order)
    return report
  }

  static func order(_ left: Finding, _ right: Finding) -> Bool {
    (left.place.path, left.place.line, left.place.column, left.rule, left.symbol)
      < (right.place.path, right.place.line, right.place.column, right.rule, right.symbol)
  }
}

/// The facts about a module that the rules read.
struct ModuleFacts: Sendable {
  let files: [FileScan]
  let index: ModuleIndex
  let bodies: [BodyFacts]
  let propagation: Propagation
  /// Files whose top-level code is the program.
  let scripts: Set<Int>
}

/// The facts about one file before linking.
struct FileScan: Sendable {
  var declarations = FileDeclarations()
  var problems: [SourceProblem] = []
  var serialQueues: Set<String> = []
  var comments: [IgnoreComment] = []
  var isScript = false
  var tree: SourceFileSyntax?

  init(_ source: SourceText, file: Int) {
    guard let tree = ParseWatch.parse(source.text) else {
      problems.append(
        SourceProblem(
          place: source.place(0, 0), message: "takes too long to be parsed; not scanned", isUnscanned: true))
      return
    }
    self.tree = tree
    if tree.hasError { problems.append(ParseProblems.first(in: tree, source)) }
    var collector = DeclarationCollector(file: file)
    collector.collect(tree)
    declarations = collector.result
    if source.text.contains("ueue)") || source.text.contains("ueue,") {
      declarations.handedQueues = FileScan.handedQueues(tree)
    }
    let name = source.path.split(separator: "/").last ?? ""
    isScript = name == "main.swift" || declarations.functions.contains { $0.kind == .topLevel }
    if source.text.contains("maxConcurrentOperationCount") { serialQueues = FileScan.serialQueues(source.text) }
    if source.text.contains(IgnoreComments.marker) { comments = IgnoreComments.find(in: tree, source, file: file) }
  }

  /// Names of queues that are arguments of calls, as in `.dispatch(queue)` and `on: queue`.
  private static func handedQueues(_ tree: SourceFileSyntax) -> Set<String> {
    var names: Set<String> = []
    for token in tree.tokens(viewMode: .sourceAccurate) {
      guard case .identifier(let name) = token.tokenKind, name.hasSuffix("ueue"),
        let reference = token.parent?.as(DeclReferenceExprSyntax.self)
      else { continue }
      var value = Syntax(reference)
      if let member = value.parent?.as(MemberAccessExprSyntax.self), member.declName.id == reference.id {
        value = Syntax(member)
      }
      if value.parent?.is(LabeledExprSyntax.self) ?? false { names.insert(name) }
    }
    return names
  }

  /// Names before `.maxConcurrentOperationCount = 1`.
  private static func serialQueues(_ text: String) -> Set<String> {
    var names: Set<String> = []
    for line in text.split(separator: "\n") {
      guard let range = line.firstRange(of: ".maxConcurrentOperationCount") else { continue }
      let rest = line[range.upperBound...].filter { $0 != " " }
      guard rest.hasPrefix("=1"), rest.dropFirst(2).first.map({ !$0.isNumber }) ?? true else { continue }
      let name = line[..<range.lowerBound].split { !($0.isLetter || $0.isNumber || $0 == "_") }.last
      if let name { names.insert(String(name)) }
    }
    return names
  }
}

#endif
