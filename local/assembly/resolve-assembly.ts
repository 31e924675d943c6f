import { arnOf, attributeOf, isObject, type PhysicalContext, physicalName, refOf } from './physical-resource.ts';
import type { Assembly, AssemblyStack, Json, JsonObject } from './read-assembly.ts';
import { isKnownType } from './resource-types.ts';

export interface ResolvedResource {
  type: string;
  stack: string;
  logicalId: string;
  name: string;
  arn: string;
  account: string;
  region: string;
  properties: JsonObject;
}

export interface ResolvedAssembly {
  resources: ResolvedResource[];
  ofType(...types: string[]): ResolvedResource[];
  /** Outputs of all stacks by output id; also under "Stack.OutputId", for ids that two stacks share. */
  outputs: Record<string, string>;
  parameters: Map<string, string>;
  /** What templates say under a key of their metadata. */
  metadata(key: string): Json[];
  account: string;
  region: string;
}

/** AWS::NoValue: the property counts as absent. */
const noValue = Symbol('AWS::NoValue');
type Resolved = Json | typeof noValue;

/** Resolves every intrinsic function of every stack, across stacks, as a deployment would. */
export function resolveAssembly(assembly: Assembly, urls: { gateway: string; api: string }): ResolvedAssembly {
  const evaluations = assembly.stacks.map((stack) => new StackEvaluation(stack, urls));
  const exported = new Map<string, () => Json>();
  const parameters = new Map<string, () => string>();
  for (const evaluation of evaluations) {
    evaluation.lookUp = { exported, parameters };
    evaluation.checkTypes();
  }
  // Values are read lazily, since stacks refer to each other in any order; names of exports and parameters are not.
  for (const evaluation of evaluations) evaluation.publish(exported, parameters);

  const apis = new Map<string, string>();
  for (const evaluation of evaluations) for (const id of evaluation.apiIds()) apis.set(id, urls.api);
  const localise = (value: Json): Json => rewriteHosts(value, apis, urls.gateway);

  const resources = evaluations.flatMap((evaluation) => evaluation.resources());
  for (const resource of resources) resource.properties = localise(resource.properties) as JsonObject;
  const outputs: Record<string, string> = {};
  for (const evaluation of evaluations) {
    for (const [id, value] of evaluation.outputs()) {
      const text = String(localise(value));
      outputs[id] ??= text;
      outputs[`${evaluation.stack.name}.${id}`] = text;
    }
  }
  const first = assembly.stacks[0]!;
  return {
    resources,
    ofType: (...types) => resources.filter((resource) => types.includes(resource.type)),
    outputs,
    parameters: new Map([...parameters].map(([name, read]) => [name, String(localise(read()))])),
    metadata: (key) => assembly.stacks.flatMap(({ template }) => template.Metadata?.[key] ?? []),
    account: first.account,
    region: first.region,
  };
}

/** Templates spell out the public hosts of an API or a queue; here both live on this machine. */
function rewriteHosts(value: Json, apis: Map<string, string>, gateway: string): Json {
  if (typeof value === 'string') {
    return value
      .replace(
        /https:\/\/([a-z0-9]{10})\.execute-api\.[a-z0-9-]+\.amazonaws\.com/g,
        (host, id: string) => apis.get(id) ?? host,
      )
      .replace(/https:\/\/sqs\.[a-z0-9-]+\.amazonaws\.com/g, gateway);
  }
  if (Array.isArray(value)) return value.map((item) => rewriteHosts(item, apis, gateway));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rewriteHosts(item, apis, gateway)]));
}

interface LookUp {
  exported: Map<string, () => Json>;
  parameters: Map<string, () => string>;
}

class StackEvaluation {
  readonly stack: AssemblyStack;
  lookUp: LookUp = { exported: new Map(), parameters: new Map() };
  readonly #urls: { gateway: string; api: string };
  readonly #conditions = new Map<string, boolean>();

  constructor(stack: AssemblyStack, urls: { gateway: string; api: string }) {
    this.stack = stack;
    this.#urls = urls;
  }

  checkTypes(): void {
    for (const [id, resource] of this.#active()) {
      if (isKnownType(resource.Type)) continue;
      throw new Error(
        `${resource.Type} (${this.stack.name}/${id}) is not known to the local cloud: teach it in local/, or list the type as ignored in local/assembly/resource-types.ts`,
      );
    }
  }

  publish(exported: LookUp['exported'], parameters: LookUp['parameters']): void {
    for (const output of Object.values(this.stack.template.Outputs ?? {})) {
      if (!output.Export || !this.#holds(output.Condition)) continue;
      exported.set(String(this.#value(output.Export.Name)), () => this.#value(output.Value));
    }
    for (const [id, resource] of this.#active()) {
      if (resource.Type !== 'AWS::SSM::Parameter') continue;
      const context = this.#context(id);
      parameters.set(physicalName(context), () => String(context.property('Value')));
    }
  }

  apiIds(): string[] {
    return [...this.#active()]
      .filter(([, resource]) => resource.Type === 'AWS::ApiGatewayV2::Api')
      .map(([id]) => physicalName(this.#context(id)));
  }

  resources(): ResolvedResource[] {
    return [...this.#active()].map(([logicalId, resource]) => {
      const context = this.#context(logicalId);
      return {
        type: resource.Type,
        stack: this.stack.name,
        logicalId,
        name: physicalName(context),
        arn: arnOf(context),
        account: this.stack.account,
        region: this.stack.region,
        properties: this.#value(resource.Properties ?? {}) as JsonObject,
      };
    });
  }

  outputs(): [string, Json][] {
    return Object.entries(this.stack.template.Outputs ?? {})
      .filter(([, output]) => this.#holds(output.Condition))
      .map(([id, output]) => [id, this.#value(output.Value)]);
  }

  *#active() {
    for (const [id, resource] of Object.entries(this.stack.template.Resources ?? {})) {
      if (this.#holds(resource.Condition)) yield [id, resource] as const;
    }
  }

  #context(logicalId: string): PhysicalContext {
    const resource = this.stack.template.Resources?.[logicalId];
    if (!resource) throw new Error(`${this.stack.name}: no resource or parameter is called ${logicalId}`);
    return {
      type: resource.Type,
      logicalId,
      stack: this.stack.name,
      account: this.stack.account,
      region: this.stack.region,
      ...this.#urls,
      property: (name) => {
        const raw = resource.Properties?.[name];
        return raw === undefined ? undefined : this.#value(raw);
      },
    };
  }

  #value(value: Json): Json {
    const resolved = this.#resolve(value);
    return resolved === noValue ? null : resolved;
  }

  #resolve(value: Json): Resolved {
    if (typeof value === 'string') return this.#dynamicReferences(value);
    if (Array.isArray(value)) return value.map((item) => this.#resolve(item)).filter((item) => item !== noValue);
    if (!isObject(value)) return value;
    const keys = Object.keys(value);
    const only = keys.length === 1 ? keys[0]! : '';
    if (only === 'Ref') return this.#ref(String(value['Ref']));
    if (only === 'Condition' && typeof value[only] === 'string' && this.stack.template.Conditions?.[value[only]]) {
      return this.#holds(value[only]);
    }
    if (only.startsWith('Fn::')) return this.#intrinsic(only, value[only]!);
    const result: JsonObject = {};
    for (const key of keys) {
      const item = this.#resolve(value[key]!);
      if (item !== noValue) result[key] = item;
    }
    return result;
  }

  #ref(name: string): Resolved {
    switch (name) {
      case 'AWS::AccountId':
        return this.stack.account;
      case 'AWS::Region':
        return this.stack.region;
      case 'AWS::Partition':
        return 'aws';
      case 'AWS::URLSuffix':
        return 'amazonaws.com';
      case 'AWS::StackName':
        return this.stack.name;
      case 'AWS::StackId':
        return `arn:aws:cloudformation:${this.stack.region}:${this.stack.account}:stack/${this.stack.name}/local`;
      case 'AWS::NotificationARNs':
        return [];
      case 'AWS::NoValue':
        return noValue;
    }
    const parameter = this.stack.template.Parameters?.[name];
    if (!parameter) return refOf(this.#context(name));
    if (parameter.Default === undefined) throw new Error(`${this.stack.name}: parameter ${name} has no default value`);
    if (!parameter.Type.startsWith('AWS::SSM::Parameter::Value')) {
      return parameter.Type === 'CommaDelimitedList' ? String(parameter.Default).split(',') : parameter.Default;
    }
    return this.#ssm(String(parameter.Default));
  }

  #ssm(name: string): string {
    const read = this.lookUp.parameters.get(name);
    if (!read) throw new Error(`${this.stack.name}: no stack of the assembly writes the SSM parameter ${name}`);
    return read();
  }

  #dynamicReferences(text: string): string {
    if (!text.includes('{{resolve:')) return text;
    return text.replace(/\{\{resolve:([a-z-]+):([^}]+)\}\}/g, (whole, service: string, reference: string) => {
      if (service === 'ssm') return this.#ssm(reference.replace(/:\d+$/, ''));
      if (service === 'secretsmanager') return whole;
      throw new Error(`${this.stack.name}: dynamic reference to ${service} is not known to the local cloud`);
    });
  }

  #holds(condition: string | undefined): boolean {
    if (condition === undefined) return true;
    const known = this.#conditions.get(condition);
    if (known !== undefined) return known;
    const expression = this.stack.template.Conditions?.[condition];
    if (expression === undefined) throw new Error(`${this.stack.name}: condition ${condition} is not defined`);
    const result = this.#value(expression) === true;
    this.#conditions.set(condition, result);
    return result;
  }

  #intrinsic(name: string, argument: Json): Resolved {
    const list = Array.isArray(argument) ? argument : [argument];
    switch (name) {
      case 'Fn::GetAtt': {
        const [id, ...rest] = typeof argument === 'string' ? argument.split('.') : list.map((part) => this.#text(part));
        return this.#resolve(attributeOf(this.#context(id!), rest.join('.')));
      }
      case 'Fn::Join':
        return (this.#value(list[1]!) as Json[]).map(String).join(this.#text(list[0]!));
      case 'Fn::Split':
        return this.#text(list[1]!).split(this.#text(list[0]!));
      case 'Fn::Select': {
        const chosen = (this.#value(list[1]!) as Json[])[Number(this.#value(list[0]!))];
        if (chosen === undefined) throw new Error(`${this.stack.name}: Fn::Select beyond the end of its list`);
        return chosen;
      }
      case 'Fn::Sub':
        return this.#substitute(list);
      case 'Fn::ImportValue': {
        const exportName = this.#text(argument);
        const read = this.lookUp.exported.get(exportName);
        if (!read) throw new Error(`${this.stack.name}: no stack of the assembly exports ${exportName}`);
        return read();
      }
      case 'Fn::If':
        return this.#resolve(this.#holds(String(list[0])) ? list[1]! : list[2]!);
      case 'Fn::Equals':
        return JSON.stringify(this.#value(list[0]!)) === JSON.stringify(this.#value(list[1]!));
      case 'Fn::And':
        return list.every((item) => this.#value(item) === true);
      case 'Fn::Or':
        return list.some((item) => this.#value(item) === true);
      case 'Fn::Not':
        return this.#value(list[0]!) !== true;
      case 'Fn::Base64':
        return Buffer.from(this.#text(argument)).toString('base64');
      case 'Fn::FindInMap': {
        const [map, top, second] = list.map((part) => this.#text(part));
        const found = this.stack.template.Mappings?.[map!]?.[top!]?.[second!];
        if (found === undefined)
          throw new Error(`${this.stack.name}: Fn::FindInMap ${map}.${top}.${second} is not defined`);
        return found;
      }
      default:
        throw new Error(`${this.stack.name}: the intrinsic function ${name} is not known to the local cloud`);
    }
  }

  #substitute(list: Json[]): string {
    const own = isObject(list[1]) ? list[1] : {};
    return String(list[0]).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (own[name] !== undefined) return this.#text(own[name]);
      return this.#text(name.includes('.') ? { 'Fn::GetAtt': name } : { Ref: name });
    });
  }

  #text(value: Json): string {
    return String(this.#value(value));
  }
}
