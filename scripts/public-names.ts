/** Finds the public names of the library, and those without a doc comment. */
import { relative } from "node:path"
import ts from "typescript"
import { sourceEntries } from "./entries.js"
import { root } from "./pack.js"

const isOurs = (node: ts.Node): boolean => node.getSourceFile().fileName.startsWith(`${root}src/`)

/** A member whose type is a literal needs no comment: `readonly type: "text"`. */
const isSelfExplanatory = (node: ts.Node): boolean =>
  ts.isPropertySignature(node) && node.type !== undefined && ts.isLiteralTypeNode(node.type)

const isHidden = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) &&
  (node.modifiers ?? []).some(
    ({ kind }) => kind === ts.SyntaxKind.PrivateKeyword || kind === ts.SyntaxKind.ProtectedKeyword
  )

const isMember = (node: ts.Node): node is ts.NamedDeclaration =>
  ts.isPropertySignature(node) ||
  ts.isMethodSignature(node) ||
  ts.isPropertyDeclaration(node) ||
  ts.isMethodDeclaration(node) ||
  ts.isGetAccessorDeclaration(node)

/** Readers see the members of a value that its file does not export, but not its name. */
const isNamed = (node: ts.Node): boolean =>
  ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isVariableDeclaration(node)
    ? (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export) !== 0
    : true

/** Parts that declarations do not show: function bodies and initial values, except functions and object members. */
const isInside = (node: ts.Node, parent: ts.Node): boolean =>
  ts.isBlock(node) ||
  (ts.isArrowFunction(parent) && node === parent.body && !ts.isArrowFunction(node)) ||
  ((ts.isVariableDeclaration(parent) || ts.isPropertyDeclaration(parent)) &&
    node === parent.initializer &&
    !ts.isArrowFunction(node) &&
    !ts.isAsExpression(node))

/** The pattern of a conditional type, which is not part of the result. */
const isPattern = (node: ts.Node, parent: ts.Node): boolean =>
  ts.isConditionalTypeNode(parent) && node === parent.extendsType

/** Walks from the exports of the subpaths to all of our symbols that their declarations refer to. */
class Walk {
  readonly undocumented = new Set<string>()
  readonly named = new Map<string, Set<ts.Symbol>>()
  private readonly seen = new Set<ts.Symbol>()
  private from = ""

  constructor(
    private readonly program: ts.Program,
    private readonly checker: ts.TypeChecker = program.getTypeChecker()
  ) {}

  run(): void {
    const exported = sourceEntries.map(({ specifier, source }) => ({ specifier, symbols: this.exportsOf(source) }))
    // Collected first, because a symbol that one subpath refers to may be exported by another.
    const own = new Set(exported.flatMap(({ symbols }) => symbols.flatMap((each) => this.withMembers(each))))
    for (const { specifier, symbols } of exported) {
      this.from = specifier
      this.named.set(specifier, new Set())
      for (const each of symbols) this.symbol(each)
    }
    for (const symbols of this.named.values()) for (const each of own) symbols.delete(each)
  }

  private exportsOf(source: string): ReadonlyArray<ts.Symbol> {
    const file = this.program.getSourceFile(source)
    const module = file && this.checker.getSymbolAtLocation(file)
    return module === undefined ? [] : this.checker.getExportsOfModule(module)
  }

  private resolve(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol
  }

  private withMembers(symbol: ts.Symbol): ReadonlyArray<ts.Symbol> {
    const resolved = this.resolve(symbol)
    const members = resolved.flags & ts.SymbolFlags.ValueModule ? this.checker.getExportsOfModule(resolved) : []
    return [resolved, ...members.flatMap((each) => this.withMembers(each))]
  }

  private symbol(named: ts.Symbol): void {
    const symbol = this.resolve(named)
    if (this.seen.has(symbol)) return
    this.seen.add(symbol)
    // A namespace is described by the first comment of its file, which another test requires.
    if (symbol.flags & ts.SymbolFlags.ValueModule) {
      for (const each of this.checker.getExportsOfModule(symbol)) this.symbol(each)
      return
    }
    const declarations = (symbol.declarations ?? []).filter(isOurs)
    const [first] = declarations
    if (first === undefined || symbol.flags & ts.SymbolFlags.TypeParameter) return
    if (isNamed(first)) {
      this.named.get(this.from)?.add(symbol)
      if (symbol.getDocumentationComment(this.checker).length === 0) this.miss(first, symbol.name)
    }
    for (const each of declarations) this.visit(each)
  }

  private visit(node: ts.Node): void {
    ts.forEachChild(node, (child) => {
      if (isInside(child, node) || isHidden(child) || isPattern(child, node)) return
      if (isMember(child) && !isSelfExplanatory(child)) this.member(child)
      if (ts.isShorthandPropertyAssignment(child)) {
        const value = this.checker.getShorthandAssignmentValueSymbol(child)
        if (value !== undefined) this.symbol(value)
      }
      if (ts.isTypeReferenceNode(child) || ts.isExpressionWithTypeArguments(child) || ts.isTypeQueryNode(child)) {
        this.reference(child)
      }
      this.visit(child)
    })
  }

  private reference(node: ts.TypeReferenceNode | ts.ExpressionWithTypeArguments | ts.TypeQueryNode): void {
    const name = ts.isTypeReferenceNode(node)
      ? node.typeName
      : ts.isTypeQueryNode(node)
        ? node.exprName
        : node.expression
    const symbol = this.checker.getSymbolAtLocation(name)
    const resolved = symbol && this.resolve(symbol)
    if (resolved?.declarations?.some((each) => isOurs(each) && !ts.isParameter(each))) this.symbol(resolved)
  }

  private member(node: ts.NamedDeclaration): void {
    const symbol = node.name && this.checker.getSymbolAtLocation(node.name)
    if (symbol?.getDocumentationComment(this.checker).length === 0) this.miss(node, symbol.name)
  }

  private miss(node: ts.Node, name: string): void {
    const file = node.getSourceFile()
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file))
    this.undocumented.add(`${relative(root, file.fileName)}:${line + 1} ${name}`)
  }
}

/** The public names. */
export interface PublicNames {
  /** Locations of names and members without a doc comment. */
  readonly undocumented: ReadonlyArray<string>
  /** By subpath: symbols that its declarations refer to and no subpath exports. */
  readonly named: ReadonlyMap<string, ReadonlySet<ts.Symbol>>
}

/** Finds the public names in a program that contains the library. */
export const publicNames = (program: ts.Program): PublicNames => {
  const walk = new Walk(program)
  walk.run()
  return { undocumented: [...walk.undocumented].sort(), named: walk.named }
}
