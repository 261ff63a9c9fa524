import type { Address } from './declarations.ts';
import type { Library } from './library.ts';

/** An input of an operation: one tensor, or a list whose length an attribute may give. */
export interface InputDefinition {
  readonly isList: boolean;
  /** Name of the attribute that holds the list's length. */
  readonly lengthAttribute?: string;
}

/** What TensorFlow says of an operation. */
export interface OpDefinition {
  readonly inputs: readonly InputDefinition[];
  readonly attributes: ReadonlySet<string>;
  /** Attributes of data types that TensorFlow takes from the inputs when an operation runs at once, whatever else they are set to. */
  readonly inferred: ReadonlySet<string>;
}

/** The definitions of TensorFlow's operations, each asked for once. */
export class OpDefinitions {
  readonly #library: Library;
  readonly #known = new Map<string, OpDefinition>();
  /** Definitions can only be asked of a graph; this one stays empty. */
  #graph: Address = 0;

  /**
   * Asks for nothing yet.
   * @param library TensorFlow.
   */
  constructor(library: Library) {
    this.#library = library;
  }

  /**
   * The definition of an operation, as TensorFlow registered it.
   * @param name Name of the operation.
   * @returns Its inputs and attributes.
   * @throws TensorFlowError when TensorFlow has no such operation.
   */
  of(name: string): OpDefinition {
    const found = this.#known.get(name);
    if (found) return found;
    const { api, status } = this.#library;
    if (this.#graph === 0) this.#graph = api.TF_NewGraph();
    const buffer = api.TF_NewBuffer();
    try {
      api.TF_GraphGetOpDef(this.#graph, name, buffer, status);
      this.#library.check(name);
      const definition = parse(this.#library.readBuffer(buffer));
      this.#known.set(name, definition);
      return definition;
    } finally {
      api.TF_DeleteBuffer(buffer);
    }
  }
}

/** Fields of OpDef, its ArgDef and its AttrDef, from tensorflow/core/framework/op_def.proto. */
const opFields = { input: 2, attribute: 4 };
const argumentFields = { typeAttribute: 4, lengthAttribute: 5, typeListAttribute: 6 };
const attributeFields = { name: 1 };

function parse(bytes: Buffer): OpDefinition {
  const inputs: InputDefinition[] = [];
  const [attributes, inferred] = [new Set<string>(), new Set<string>()];
  for (const [field, value] of messages(bytes)) {
    if (field === opFields.input) {
      const parts = new Map(messages(value));
      const lengthAttribute = parts.get(argumentFields.lengthAttribute)?.toString();
      const isList = lengthAttribute !== undefined || parts.has(argumentFields.typeListAttribute);
      inputs.push({ isList, lengthAttribute });
      const type = parts.get(argumentFields.typeAttribute)?.toString();
      // TensorFlow stops inferring at the first list.
      if (type !== undefined && !inputs.some(input => input.isList)) inferred.add(type);
    }
    if (field === opFields.attribute) {
      attributes.add(new Map(messages(value)).get(attributeFields.name)?.toString() ?? '');
    }
  }
  return { inputs, attributes, inferred };
}

/** The length-delimited fields of a protobuf message; numbers are passed over. */
function* messages(bytes: Buffer): Generator<[field: number, value: Buffer]> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const wire = tag & 7;
    if (wire === 0) varint();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else {
      const length = varint();
      yield [Math.floor(tag / 8), bytes.subarray(at, (at += length))];
    }
  }
}
