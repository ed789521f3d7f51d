/** The parts of JSON Schema that `bundle.schema.json` uses. */
interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly items?: Schema;
}

/** The manifest's fields as Markdown, one table per object, from the schema that checks it. */
export function manifestText(root: Schema): string {
  const resolve = (schema: Schema): Schema => {
    const name = schema.$ref?.split("/").at(-1) ?? "";
    return { ...root.$defs?.[name], ...schema };
  };
  const tables: string[] = [];
  const visit = (path: string, schema: Schema) => {
    const nested: [string, Schema][] = [];
    const rows = Object.entries(schema.properties ?? {}).map(([name, found]) => {
      const field = resolve(found);
      const inner = field.items ? resolve(field.items) : field;
      if (inner.properties) nested.push([`${path}${name}${field.items ? "[]" : ""}`, inner]);
      const needed = schema.required?.includes(name) ? "yes" : "no";
      return `| \`${name}\` | ${kindOf(field, resolve)} | ${needed} | ${cell(field.description ?? "")} |`;
    });
    const title = path === "" ? "Top level" : `\`${path.replace(/\.$/, "")}\``;
    const head = "| field | type | required | meaning |\n|---|---|---|---|";
    tables.push(
      `## ${title}\n\n${cell(schema.description ?? "")}\n\n${head}\n${rows.join("\n")}\n`,
    );
    for (const [name, inner] of nested) visit(`${name}.`, inner);
  };
  visit("", root);
  const about =
    "`manifest.json` of a bundle says what the model is, what was checked and how, and what its files hash to.";
  return `# The manifest of a bundle\n\n${about}\n\n${tables.join("\n")}`;
}

function kindOf(field: Schema, resolve: (schema: Schema) => Schema): string {
  if (field.const !== undefined) return `\`${JSON.stringify(field.const)}\``;
  if (field.enum) return field.enum.map((value) => `\`${JSON.stringify(value)}\``).join(", ");
  if (field.items) return `array of ${kindOf(resolve(field.items), resolve)}`;
  return [field.type ?? "any"].flat().join(" or ");
}

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
