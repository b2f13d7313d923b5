/** Marks the code that runs while a module loads as free of side effects, so that bundlers can drop unused parts. */
import ts from "typescript"

const pure = <Node extends ts.Node>(node: Node): Node =>
  ts.addSyntheticLeadingComment(node, ts.SyntaxKind.MultiLineCommentTrivia, "@__PURE__", false)

const isStatic = (member: ts.ClassElement): boolean =>
  ts.isPropertyDeclaration(member) &&
  member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) === true

/**
 * Wraps a class with static fields in a pure call. Otherwise no bundler drops `static policy = f(Spending)` inside
 * `class Spending`, because the field reads the class.
 */
const asValue = (declaration: ts.ClassDeclaration): ts.Statement => {
  const { modifiers, name, heritageClauses, members } = declaration
  if (name === undefined || !members.some(isStatic)) return declaration
  const { factory } = ts
  const expression = factory.createClassExpression(undefined, name, undefined, heritageClauses, members)
  const arrow = factory.createToken(ts.SyntaxKind.EqualsGreaterThanToken)
  const body = factory.createParenthesizedExpression(expression)
  const made = factory.createArrowFunction(undefined, undefined, [], undefined, arrow, body)
  const call = pure(factory.createCallExpression(factory.createParenthesizedExpression(made), undefined, []))
  const variable = factory.createVariableDeclaration(name, undefined, undefined, call)
  return factory.createVariableStatement(
    modifiers,
    factory.createVariableDeclarationList([variable], ts.NodeFlags.Const)
  )
}

/** Annotates the calls of top-level statements. Calls inside functions do not run while the module loads. */
export const pureCalls: ts.TransformerFactory<ts.SourceFile> = (context) => {
  const annotate = (node: ts.Node): ts.Node => {
    if (ts.isFunctionLike(node) || (ts.isPropertyDeclaration(node) && !isStatic(node))) return node
    const visited = ts.visitEachChild(node, annotate, context)
    return ts.isCallExpression(visited) || ts.isNewExpression(visited) ? pure(visited) : visited
  }
  const ofStatement = (statement: ts.Statement): ts.Statement => {
    if (ts.isVariableStatement(statement)) return ts.visitEachChild(statement, annotate, context)
    return ts.isClassDeclaration(statement) ? asValue(ts.visitEachChild(statement, annotate, context)) : statement
  }
  return (file) => ts.factory.updateSourceFile(file, file.statements.map(ofStatement))
}
