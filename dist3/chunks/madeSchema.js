import { Either, JSONSchema } from 'effect';
import { isObject, mapSchemas } from './core.js';

/** Makes JSON Schema of an `effect/Schema`; a file of its own, so that programs without one need not load it. */
/** Makes JSON Schema as families take it; says where the schema stands if it has none. */
const make = (schema, where) => Either.try({
    try: () => {
        const { $schema: _, ...rest } = JSONSchema.make(schema);
        return withoutMixedReferences(rest);
    },
    catch: () => `${where} has an effect/Schema that JSON Schema cannot express; give it a jsonSchema annotation`
});
/**
 * Writes a definition out where something stands beside its reference, as OpenAI and Gemini refuse that; inside itself,
 * where it would have no end, what stands beside goes.
 */
const withoutMixedReferences = (root) => {
    const known = isObject(root["$defs"]) ? root["$defs"] : {};
    const inline = (schema, within) => {
        const { $ref: reference, ...beside } = schema;
        const name = nameIn(reference);
        const meant = known[name];
        if (!isObject(meant) || Object.keys(beside).length === 0) {
            return mapSchemas(schema, (inner) => inline(inner, within));
        }
        return within.includes(name)
            ? { $ref: reference }
            : mapSchemas({ ...meant, ...beside }, (inner) => inline(inner, [...within, name]));
    };
    return withUsedDefinitions(inline(root, []));
};
const nameIn = (reference) => (typeof reference === "string" ? reference.replace("#/$defs/", "") : "");
const withUsedDefinitions = ({ $defs, ...root }) => {
    const known = isObject($defs) ? $defs : {};
    const used = new Set();
    const visit = (schema) => {
        const name = nameIn(schema["$ref"]);
        const meant = known[name];
        if (isObject(meant) && !used.has(name)) {
            used.add(name);
            visit(meant);
        }
        return mapSchemas(schema, visit);
    };
    visit(root);
    return used.size === 0
        ? root
        : { ...root, $defs: Object.fromEntries(Object.entries(known).filter(([name]) => used.has(name))) };
};

export { make };
//# sourceMappingURL=madeSchema.js.map
