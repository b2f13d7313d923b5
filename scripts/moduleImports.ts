/**
 * Replaces imports from the index of Effect's packages by imports of single modules: `import * as Stream from
 * "effect/Stream"` for `import { Stream } from "effect"`. The index loads the whole package, which for `@effect/platform`
 * takes four times as long as the rest of this library. esbuild also removes less unused code from an index.
 */
import ts from "typescript"

const packages: ReadonlyArray<string> = ["effect", "@effect/platform"]

/** Module names are capitalized. The few functions that the index exports are all from the module `Function`. */
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

/** Replaces every import from the index of a package. */
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
