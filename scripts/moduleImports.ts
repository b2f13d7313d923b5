/**
 * Imports the modules of Effect one by one where the source names their package: `import * as Stream from "effect/Stream"`
 * for `import { Stream } from "effect"`. The index of a package loads all of it, which for `@effect/platform` takes four
 * times as long as the rest of an import of this library, and esbuild drops less of an index than of a module.
 */
import ts from "typescript"

const packages: ReadonlyArray<string> = ["effect", "@effect/platform"]

/** The modules have capital names; the few functions that the index has too are all of one module. */
const moduleOf = (name: string): string => (/^[A-Z]/.test(name) ? name : "Function")

const importsOf = (from: string, bindings: ts.NamedImports): ReadonlyArray<ts.Statement> => {
  const { factory } = ts
  return bindings.elements.map((element) => {
    const name = (element.propertyName ?? element.name).text
    const module = moduleOf(name)
    const imported =
      module === name ? factory.createNamespaceImport(element.name) : factory.createNamedImports([element])
    return factory.createImportDeclaration(
      undefined,
      factory.createImportClause(false, undefined, imported),
      factory.createStringLiteral(`${from}/${module}`)
    )
  })
}

/** Takes the place of every import of a whole package. */
export const moduleImports: ts.TransformerFactory<ts.SourceFile> = () => (file) => {
  const replace = (statement: ts.Statement): ReadonlyArray<ts.Statement> => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return [statement]
    const { text } = statement.moduleSpecifier
    const bindings = statement.importClause?.namedBindings
    return packages.includes(text) && bindings !== undefined && ts.isNamedImports(bindings)
      ? importsOf(text, bindings)
      : [statement]
  }
  return ts.factory.updateSourceFile(file, file.statements.flatMap(replace))
}
